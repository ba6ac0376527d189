"""Property tests match_payments answers, not the speed of a machine that others share."""

from hypothesis import settings

settings.register_profile("revcare", deadline=None)
settings.load_profile("revcare")
