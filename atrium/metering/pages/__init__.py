"""The pages of metering, one file each."""
