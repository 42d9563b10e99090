"""Carriers: operators of mobile networks, who buy from vendors."""

import mesa


class Carrier(mesa.Agent):
    """An operator of mobile networks.

    home: its government; subscribers: million
    """

    def __init__(self, model: mesa.Model, name: str, home: str, subscribers: float) -> None:
        super().__init__(model)
        self.name, self.home, self.subscribers = name, home, subscribers
