"""Refusals of the token endpoint: problems as everywhere, with what OAuth clients look for (RFC 6749 §5.2)."""

from service.errors import Problem


class TokenRequestRefused(Problem):
    """A request for a token, or about one, that cannot be granted; `error` is OAuth's own code."""

    status, code, title = 400, "token-request-refused", "No token can be given for this"

    def __init__(self, error: str, detail: str) -> None:
        super().__init__(detail, error=error, error_description=detail)


class ClientRefused(Problem):
    """No registered client, or none that is active, proved that it is asking. Why is for the metrics."""

    status, code, title = 401, "client-refused", "The client is not known"

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"}, error="invalid_client", error_description=self.title)
