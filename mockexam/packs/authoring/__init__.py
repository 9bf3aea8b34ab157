"""What an instructor does with a pack: write, check, prove, calibrate, build, install."""
