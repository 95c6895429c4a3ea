from livyguard.policy import kinds
from livyguard.policy.bench import Bench
from livyguard.policy.decision import Change
from livyguard.policy.fold import fold
from livyguard.policy.keys import kind_of
from livyguard.policy.tenancy import Tenancy


def test_what_the_user_asked_comes_first_in_the_one_change_of_a_property():
    bench = Bench(fold({}), Tenancy("team", {}))
    filled, asked = (
        Change("jars", None, ["a.jar"], "team.limits.jars"),
        Change("jars", ["b.jar"], None, "team.limits.jars"),
    )

    (joined,) = [bench._joined(filled, asked)]

    assert (joined.asked, joined.given) == (["b.jar"], ["a.jar"])


def test_a_bare_bound_of_a_time_out_that_nobody_knows_is_a_number():
    assert kind_of("conf.spark.site.timeout", {"max": 600}) == kinds.NUMBER
    assert kind_of("conf.spark.site.timeout", {"max": "10m"}) == kinds.SECONDS
