"""What a route declares is asked before its view, which need not ask again."""

from flask.testing import FlaskClient

from tests.factories import Board


def test_the_declared_policy_is_enforced_before_the_view(board: Board, client: FlaskClient) -> None:
    assert client.get("/admin/health").headers["Location"].startswith("/sign-in")
    assert board.sign_in(board.user().email).get("/admin/health").status_code == 403
    assert board.sign_in(board.admin().email).get("/admin/health").status_code == 200
