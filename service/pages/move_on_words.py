"""What stands on the board in words that everybody on it understands, by the codes of the API."""

STATES = {
    "no_plan": ("No plan", "red"),
    "plan": ("Plan", "yellow"),
    "referred": ("Referred", "blue"),
    "offered": ("Offered", "turquoise"),
    "confirmed": ("Confirmed", "green"),
    "moved": ("Moved", "green"),
}
DANGERS = {
    "departure_passed": "The day of leaving has passed",
    "leaves_within_4_weeks": "Leaves within 4 weeks with nowhere confirmed",
    "nothing_sent_in_time": "Nothing is sent, and the council should know by now",
    "no_plan_in_time": "No plan, and one should be written by now",
    "gap_before_next_home": "The next home begins after the day of leaving",
}
MOVERS = {
    "practitioner": "the practitioner",
    "premises": "the premises",
    "recipient": "whoever it was sent to",
    "person": "the person",
    "nobody": "nobody",
}
BLOCKS = {
    "no_plan": "there is no plan",
    "nothing_referred": "nothing is referred",
    "draft_not_sent": "a draft is not sent",
    "not_received": "it is not received yet",
    "not_decided": "it is not decided yet",
    "query_to_answer": "a question is to be answered",
    "no_place_yet": "no place is named yet",
    "rejected": "it was rejected",
    "suspended_by_recall": "a recall suspends it",
    "home_to_confirm": "a home is to be confirmed",
    "not_arrived_yet": "the person has not arrived",
}
DEADLINES = {
    "plan": "Write the plan",
    "duty_to_refer": "Send the duty to refer",
    "cas3": "Send the CAS3 referral",
    "next_home": "Confirm the next home",
    "departure": "Departure",
}
HOMES = {
    "private_rented": "Private rent",
    "family_or_partner": "Family or partner",
    "supported_housing": "Supported housing",
    "social_rented": "Social rent",
    "owner_occupied": "A home of their own",
    "other": "Another home",
    "cas3": "CAS3",
    "duty_to_refer": "Through the council",
}
HOME_STATES = {"looked_for": "Looked for", "offered": "Offered", "confirmed": "Confirmed", "lost": "Lost"}
CHECKS = {"domestic_abuse": "Domestic abuse check", "child_safeguarding": "Child safeguarding check"}
CHECK_STATES = {
    "not_needed": "not needed",
    "due": "due",
    "asked": "asked for",
    "overdue": "overdue",
    "answered": "answered",
    "expired": "out of date",
}
CHECKPOINTS = {"departure": "On leaving", "day_28": "After 28 days", "day_84": "After 84 days"}
OUTCOMES = {
    "settled": "Settled home",
    "transient": "Temporary home",
    "homeless": "Homeless",
    "recalled": "Recalled",
    "unknown": "Not known",
}
SIDES = {"practitioner": "The practitioner", "premises": "The premises"}
WORDS = {
    "states": STATES,
    "dangers": DANGERS,
    "movers": MOVERS,
    "blocks": BLOCKS,
    "deadlines": DEADLINES,
    "homes": HOMES,
    "home_states": HOME_STATES,
    "checkpoints": CHECKPOINTS,
    "checks": CHECKS,
    "check_states": CHECK_STATES,
    "outcomes": OUTCOMES,
    "sides": SIDES,
}
