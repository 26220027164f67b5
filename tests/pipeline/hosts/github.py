"""GitHub's API as far as deploy.yml uses it: commit statuses."""

import re
from http import HTTPStatus

from .api import Answer, Api, Endpoint, Request

TOKEN = "ghs_a-token-of-one-run"
STATUSES = re.compile(r"/repos/[\w-]+/[\w-]+/statuses/([0-9a-f]{40})")
STATES = {"error", "failure", "pending", "success"}

# https://docs.github.com/rest/commits/statuses#create-a-commit-status
TABLE = (
    Endpoint(
        method="POST",
        path=STATUSES,
        required={"state": str},
        optional={"context": str, "target_url": str, "description": str},
        headers={"authorization": f"Bearer {TOKEN}"},
    ),
)


class GitHub(Api):
    def __init__(self) -> None:
        super().__init__(TABLE)

    def answer(self, asked: Request) -> Answer:
        values = asked.values
        if values["state"] not in STATES or len(values.get("description", "")) > 140:
            self.wrong.append(f"{asked.path} is no commit status: {values}")
            return HTTPStatus.UNPROCESSABLE_ENTITY, {"message": "Validation Failed"}
        return HTTPStatus.CREATED, dict(values)

    @property
    def statuses(self) -> list[tuple[str, str, str, str]]:
        """Commit, context, state and address of each status, in their order."""
        found = []
        for request in self.requests:
            commit = STATUSES.fullmatch(request.path)
            assert commit
            values = request.values
            found.append((commit[1], values["context"], values["state"], values["target_url"]))
        return found
