"""The partner's devices. Axle's list says which assets there are; a device is switched on by its first order."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from ev_partner import clock
from ev_partner.axle import Axle, AxleFailed
from ev_partner.devices import Asset, Device

RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


class Fleet:
    """Devices by asset. Assets are kept, and listed again when one is asked for that is not known."""

    def __init__(self, axle: Axle, *, device: type[Device] = Device) -> None:
        self.changed = asyncio.Event()
        self._axle = axle
        self._device = device
        self._assets: dict[str, Asset] = {}
        self._ids: dict[str, str] = {}
        self._devices: dict[str, Device] = {}
        self._listing = asyncio.Lock()

    async def find(self, asset_ids: Iterable[str]) -> list[Device]:
        """Return the devices of those assets that are known. One list of assets does for a batch of any size."""
        wanted = set(asset_ids)
        await self._list_unless(lambda: wanted <= self._assets.keys())
        return [self._switched_on(self._assets[asset_id]) for asset_id in sorted(wanted & self._assets.keys())]

    async def find_one(self, name: str) -> Device | None:
        """Return the device of an asset by its id or its external id, or None."""
        await self._list_unless(lambda: name in self._assets or name in self._ids)
        asset = self._assets.get(name) or self._assets.get(self._ids.get(name, ""))
        return self._switched_on(asset) if asset else None

    def devices(self) -> list[Device]:
        """Return the devices that are switched on."""
        return [*self._devices.values()]

    async def _list_unless(self, is_known: Callable[[], bool]) -> None:
        if is_known():
            return
        async with self._listing:
            if not is_known():
                self._keep(await self._list())

    async def _list(self) -> list[Asset]:
        """Return the assets, as soon as Axle answers: a message was taken, and will not be sent again."""
        while True:
            try:
                return await self._axle.assets()
            except AxleFailed as error:
                log.warning("assets not listed: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    def _keep(self, assets: Iterable[Asset]) -> None:
        """Keep the assets that there are now, and drop the devices of others."""
        self._assets = {asset.id: asset for asset in assets}
        self._ids = {asset.external_id: asset.id for asset in self._assets.values()}
        self._devices = {key: device for key, device in self._devices.items() if key in self._assets}

    def _switched_on(self, asset: Asset) -> Device:
        if asset.id not in self._devices:
            self._devices[asset.id] = self._device(asset, on_at=clock.now())
        return self._devices[asset.id]
