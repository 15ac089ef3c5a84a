"""Where a search among people begins: the few cases a caller could see at all, found by index.

Visibility decides who sees what; this only keeps a list from looking at the whole nation to find a caseload.
"""

# Every case that could be visible to a practitioner or manager: theirs, their team's, opened for a while.
CASES_IN_REACH = """
    SELECT a.crn FROM allocation a WHERE a.ended_at IS NULL AND a.worker_id = :worker_id
    UNION
    SELECT a.crn FROM worker w JOIN allocation a ON a.team = w.team AND a.ended_at IS NULL
    WHERE w.id = :worker_id AND w.active
    UNION
    SELECT o.crn FROM case_opening o WHERE o.worker_id = :worker_id AND o.expires_at > :now
"""
