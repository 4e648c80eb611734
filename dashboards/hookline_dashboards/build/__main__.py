"""Builds every dashboard anew: `make dashboards`."""

from hookline_dashboards.build.all_pages import write_all

if __name__ == "__main__":
    write_all()
