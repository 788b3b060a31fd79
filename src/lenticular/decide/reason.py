"""Why something was chosen: OpenFeature's reasons, and ours."""

from __future__ import annotations

from typing import Literal

Reason = Literal["TARGETING_MATCH", "SPLIT", "DEFAULT", "DISABLED", "STATIC", "ERROR", "HOLDOUT", "CAPPED", "PREVIEW"]
"""`TARGETING_MATCH`: an experience or a variation won. `DEFAULT`: none did. `STATIC`: there is none that could.
`HOLDOUT`: one would have won, and the visitor is among those who always see the default.
`CAPPED`: nothing is left to show, because of frequency caps. `ERROR`: this part failed, so its default is shown.
"""
