"""Governments: the controller, the target, and all who must decide whom to let into their networks."""

import mesa


class Government(mesa.Agent):
    """A government.

    iso3, role (persuader: the controller; target_home; decider), and every column of its row of governments.csv.
    """

    def __init__(self, model: mesa.Model, iso3: str, role: str, columns: dict[str, object]) -> None:
        super().__init__(model)
        self.iso3, self.role, self.columns = iso3, role, columns
