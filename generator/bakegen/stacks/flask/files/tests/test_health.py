from flask.testing import FlaskClient


def test_health_names_the_build(client: FlaskClient) -> None:
    response = client.get(<< (service.health or "/health") | json >>)
    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ok",
        "version": "v1.2.3",
        "revision": "abc123",
    }
