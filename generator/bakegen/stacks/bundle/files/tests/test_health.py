from fastapi.testclient import TestClient


def test_health_names_the_build(client: TestClient) -> None:
    response = client.get(<< (service.health or "/api/health") | json >>)
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "version": "v1.2.3",
        "revision": "abc123",
    }
