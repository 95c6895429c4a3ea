import pytest

from livyguard.capacity.room import Room, room_of
from livyguard.policy.footprint import Footprint
from livyguard.policy.model import Cluster

WORKER = {"cores": 16, "memory": "64g"}


@pytest.mark.parametrize(
    ("cluster", "room"),
    [
        (None, None),
        (Cluster(), None),
        (Cluster(workers=10), None),
        (Cluster(worker=WORKER), None),
        (Cluster(workers=10, worker=WORKER), Room(655_360, 160)),
        (Cluster(workers=10, worker={"memory": "64g"}), Room(655_360)),
        (Cluster(workers=18, worker_type="G.1X"), Room(containers=18)),
        (Cluster(workers=18, worker_type="Standard"), Room(containers=34)),
        (Cluster(workers=18, worker_type="Z.9X"), None),
        (Cluster(workers=2, worker_type="m5.xlarge"), Room(24_576, 8)),
        (Cluster(workers=2, worker_type="m5.xlarge", worker={"memory": "8g"}), Room(16_384)),
    ],
)
def test_the_room_of_a_cluster_is_what_its_workers_have_together(cluster, room):
    assert room_of(cluster) == room


@pytest.mark.parametrize(
    ("ceiling", "share"),
    [
        (Footprint(8, 327_680, 16), 50.0),
        (Footprint(8, 65_536, 80), 50.0),
        (Footprint(8), None),
        (Footprint(), None),
    ],
)
def test_a_share_is_of_what_is_scarcest(ceiling, share):
    assert Room(655_360, 160).share(ceiling) == share


def test_on_glues_workers_the_driver_takes_a_container_too():
    assert Room(containers=18).share(Footprint(5)) == pytest.approx(100 / 3)
