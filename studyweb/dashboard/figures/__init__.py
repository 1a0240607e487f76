"""Figures of the results page, drawn by matplotlib as a `cpu` job: the same picture in page and paper."""
