"""What stands against an act that is otherwise allowed and well formed: each a 409 with its own code (RFC 9457)."""

from service.errors import Conflict


class ReferralAlreadyOpen(Conflict):
    """The same person, pack, recipient and service category already has an open referral."""

    code, title = "referral-already-open", "Such a referral is already open"


class ReferralIncomplete(Conflict):
    """Something required is missing, stale, conflicting, unread, over length or too early."""

    code, title = "referral-incomplete", "The referral is not ready to send"


class TooEarly(Conflict):
    """Only the recipient's window stands in the way; `first_possible_on` says from when it can be sent."""

    # The one code with an underscore: the design names it so, and it is also the field-level code of the same refusal.
    code, title = "too_early", "The recipient does not take this referral yet"


class TransitionNotAllowed(Conflict):
    """The referral's status does not lead where it was asked to go."""

    code, title = "transition-not-allowed", "The referral's status does not allow this"


class ReferralSuspended(Conflict):
    """A fixed-term recall suspends the referral: it is not decided, booked or begun until its sender resumes it."""

    code, title = "suspended-by-recall", "A fixed-term recall suspends this referral until its sender resumes it"


class VersionNotReceived(Conflict):
    """A newer version was sent than the recipient has received, and decisions are made on the newest."""

    code, title = "version-not-received", "Receive the newest version first"


class ProvisionNotOpen(Conflict):
    """The referral's status does not take this writing of its provider; `allowed` says what it does take."""

    code, title = "provision-not-open", "This is not written about a referral that stands so"


class BedsOverlap(Conflict):
    """The person has a bed for one of these nights already; `clashes_with` gives the days of that booking."""

    code, title = "beds-overlap", "The person has a bed for one of these nights"


class NotForThisPack(Conflict):
    """The referral is of a pack that has no such thing: only a CAS3 referral has bookings."""

    code, title = "not-for-this-pack", "This referral has no bookings"


class AppointmentSettled(Conflict):
    """Whether the person came is recorded, or another appointment stands in its place."""

    code, title = "appointment-settled", "This appointment is over or was booked again"


class ConcernAlreadyAcknowledged(Conflict):
    """Somebody has acknowledged the concern."""

    code, title = "concern-already-acknowledged", "This concern has been acknowledged"


class ProposalUndecided(Conflict):
    """The same thing is under proposal: `proposal` names the one that waits for its decision."""

    code, title = "proposal-undecided", "A proposal about this waits for its decision"


class ProposalAlreadyDecided(Conflict):
    """A practitioner has agreed to the proposal, or kept what stood."""

    code, title = "proposal-already-decided", "This proposal has been decided"


class ProposalLapsed(Conflict):
    """The referral the proposal was about is over, and with it the proposal."""

    code, title = "proposal-lapsed", "The referral is no longer worked on, so nothing is decided about it"


class ReportAlreadyWritten(Conflict):
    """The referral has its end-of-service report, which stays as it is."""

    code, title = "report-already-written", "The end-of-service report has been written"


class CheckAlreadyAsked(Conflict):
    """Such a check has been asked and is not answered; `check_id` says which, to chase it or to ask in its place."""

    code, title = "check-already-asked", "This check has been asked already"


class CheckSettled(Conflict):
    """The check has its answer, or another was asked in its place."""

    code, title = "check-settled", "This check is answered, or was asked again"


class ViewAlreadyGiven(Conflict):
    """A manager has given their view."""

    code, title = "view-already-given", "A manager has given their view of this"


class ViewNeedsAnother(Conflict):
    """Whoever lowered the level cannot also be the manager who looks at it."""

    code, title = "view-needs-another", "Another manager must give their view of this"


class WorkHeldElsewhere(Conflict):
    """The other side has this work: take it over first."""

    code, title = "work-held-elsewhere", "Somebody else has this: take it over first"


class HandOverIncomplete(Conflict):
    """Who takes the case over, or how the three-way meeting went, has not been said."""

    code, title = "hand-over-incomplete", "The hand-over is not ready to be completed"


class HandOverNotPossible(Conflict):
    """Nobody has the capacity it would come from, another has that it would go to, or one is planned already."""

    code, title = "hand-over-not-possible", "The case cannot be handed over like this"


class HandOverSettled(Conflict):
    """The hand-over was completed, called off or overtaken; `status_now` says which."""

    code, title = "hand-over-settled", "This hand-over is over"


class QueryAlreadyAnswered(Conflict):
    """The recipient's question has its answer."""

    code, title = "query-already-answered", "This question has been answered"


class CaseClosed(Conflict):
    """The case has ended (a death, a merge) and takes no more work."""

    code, title = "case-closed", "The case is closed"


class CaseAlreadyOpen(Conflict):
    """A case with this CRN is already open."""

    code, title = "case-already-open", "The case is already open"


class CaseAlreadyVisible(Conflict):
    """The caller sees the case without opening it for a while."""

    code, title = "case-already-visible", "You can already see this case"


class WorkerMayNotSeeCase(Conflict):
    """The worker a case would go to is kept from seeing it."""

    code, title = "worker-may-not-see-case", "This worker may not see the case"


class StayAlreadyOpen(Conflict):
    """The person is expected at, or lives in, approved premises already: a stay is open."""

    code, title = "stay-already-open", "The person has an open stay already"


class PersonEventRecorded(Conflict):
    """The same event has been recorded already."""

    code, title = "person-event-recorded", "This has been recorded already"


class RecipientInUse(Conflict):
    """Referrals name the recipient, so what it receives and for whom can no longer change."""

    code, title = "recipient-in-use", "Referrals have been made to this recipient"


class RecipientBlocked(Conflict):
    """The recipient is on the referral's must-not-receive list."""

    code, title = "recipient-must-not-receive", "This recipient must not receive the referral"


class ContractNotInForce(Conflict):
    """The contract has ended, has not begun, or whoever holds it is suspended; `errors` has every reason."""

    code, title = "contract-not-in-force", "This contract takes no referrals today"


class WorkersNotNamed(Conflict):
    """Access to the person is restricted: who of the provider may see the referral is named before it is sent."""

    code, title = "workers-not-named", "Name the provider's workers who may see this person first"


class LastAdministrator(Conflict):
    """The organisation would have no administrator left."""

    code, title = "last-administrator", "This is the organisation's only administrator"


class WorkerSuspendedByService(Conflict):
    """The service's administrator suspended the worker, and the service's administrator alone brings them back."""

    code, title = "worker-suspended-by-service", "The service's administrator suspended this worker"


class WorkerRegisteredElsewhere(Conflict):
    """A worker works for one organisation at a time, and this one is not the caller's to register now."""

    code, title = "worker-registered-elsewhere", "This worker cannot be registered here"


class DisclosureNotPossible(Conflict):
    """Nothing is disclosed for a referral that has not been sent, or has ended."""

    code, title = "disclosure-not-possible", "Nothing can be disclosed for this referral now"
