"""Virtual trials: calibration against published trials, and qualification on those not seen."""
