"""How a check of the simulator is proven: a request that it refuses and, once it is off, nothing else."""


def assert_refused_by_it_alone(world, check, breaking, code, words, comes_back=True):
    """`breaking` makes the request: (code, message) of the refusal, (None, None) where it passes."""
    refused = breaking()
    assert refused[0] == code and words in refused[1], refused
    world.sim.check_off(check)
    passed = breaking()
    assert passed == (None, None), f"{check} is off, but something else refuses the request: {passed}"
    world.sim.checks_on()
    again = breaking()
    assert again[0] == code or not comes_back, f"the check does not come back on: {again}"
