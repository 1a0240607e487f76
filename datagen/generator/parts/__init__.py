"""Who plays what and when: one file per part of the band."""
