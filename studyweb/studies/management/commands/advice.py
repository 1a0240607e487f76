"""`manage.py advice list | import`: which items wait for advice from outside, and taking it in."""

from __future__ import annotations

import csv
import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyweb.studies.command_files import AdviceFileError, read_advice_file, read_text_file, study_by_slug
from studyweb.studies.models import Advice
from studyweb.studies.selectors import waiting_for_delivery
from studyweb.studies.services import StudyRefusedError, import_advice


class Command(BaseCommand):
    help = "Take in advice of other systems or of a human engineer."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        waiting = actions.add_parser("list", help="print the items that wait for advice, as CSV to be filled in")
        taking = actions.add_parser("import", help="CSV with a header, or JSON lines (.jsonl)")
        taking.add_argument("file", type=Path)
        for one in (waiting, taking):
            one.add_argument("--study", required=True, metavar="SLUG")
            one.add_argument("--system", required=True, metavar="KEY")

    def handle(self, *_args: Any, action: str, study: str, system: str, **options: Any) -> None:
        if action == "list":
            self._list(study, system)
        else:
            self._import(options["file"], study, system)

    def _list(self, slug: str, system: str) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(["item", "track", "start_s", "length_s", "brief", "text"])
        for each in waiting_for_delivery(study_by_slug(slug)):
            if each.system.key == system:
                item, rate = each.item, each.item.track.sample_rate
                start_s, length_s = round(item.start_samples / rate, 3), round(item.length_samples / rate, 3)
                writer.writerow([item.public_id, item.track.key, start_s, length_s, item.brief, ""])

    def _import(self, file: Path, slug: str, system: str) -> None:
        study = study_by_slug(slug)
        is_json = file.suffix in (".jsonl", ".ndjson", ".json")
        try:
            rows = read_advice_file(read_text_file(file), study, is_json=is_json)
            count = import_advice(study, rows, system_key=system, actor=f"shell:{getpass.getuser()}")
        except AdviceFileError as error:
            raise CommandError(f"{file}:\n{error}") from error
        except StudyRefusedError as refusal:
            raise CommandError(f"{file}:\n" + "\n".join(refusal.reasons)) from refusal
        self.stdout.write(f"{count} advice(s) of {system} imported")
        unreadable = Advice.objects.filter(system__study=study, system__key=system, changes=None)
        for advice in unreadable.select_related("item"):
            self.stdout.write(f"  {advice.item.public_id} cannot be auditioned: {advice.not_actionable}")
