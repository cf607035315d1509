"""Reads every format with the libraries that people read it with, and prints what they made of it as JSON.

Usage: read_formats.py DIRECTORY JUNIT-XSD
"""

import csv
import json
import sys
from pathlib import Path

import cmarkgfm
import pandas
from cmarkgfm.cmark import Options
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from junitparser import Failure, JUnitXml
from lxml import etree
from prometheus_client.openmetrics.parser import text_string_to_metric_families

directory = Path(sys.argv[1])
schema = etree.XMLSchema(etree.parse(sys.argv[2]))


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    frame = pandas.read_csv(path)
    return {
        "columns": rows[0],
        "rows": len(rows) - 1,
        "widths": sorted({len(row) for row in rows}),
        "pandasShape": list(frame.shape),
        "numeric": [name for name in frame.columns if pandas.api.types.is_numeric_dtype(frame[name])],
        "first": dict(zip(rows[0], rows[1])) if len(rows) > 1 else {},
        "requests": requests_of(frame),
    }


def requests_of(frame):
    """Those of whole runs: a comparison has none."""
    if "requests" not in frame:
        return None
    rows = frame[frame["scope"] == "all"] if "scope" in frame else frame
    return int(rows["requests"].sum())


def read_junit(path):
    document = etree.parse(str(path))
    xml = JUnitXml.fromfile(str(path))
    cases = [case for suite in xml for case in suite]
    return {
        "errors": [] if schema.validate(document) else [str(error) for error in schema.error_log],
        "tests": xml.tests,
        "failures": xml.failures,
        "cases": [
            {
                "classname": case.classname,
                "name": case.name,
                "time": case.time,
                "failures": [one.message for one in case.result if isinstance(one, Failure)],
                "output": case.system_out,
            }
            for case in cases
        ],
    }


def lines_of(text):
    return [
        [float(field) for field in line.split()]
        for line in text.splitlines()
        if line.strip() and line.lstrip()[0].isdigit()
    ]


def read_hgrm(path):
    """Every line, beside what this implementation counts in the mode's runs of the log beside it."""
    log = next(one for one in directory.glob("*.hlog") if path.stem.startswith(one.stem + "_"))
    mode = path.stem.removeprefix(log.stem + "_")
    reader = HistogramLogReader(str(log), new_histogram())
    together = new_histogram()
    while (one := reader.get_next_interval_histogram()) is not None:
        if one.get_tag() == mode:
            together.add(one)
    seen = [(one.value_iterated_to, one.total_count_to_this_value) for one in together.get_recorded_iterator()]

    def count_at(ns):
        return max((count for value, count in seen if value <= ns), default=0)

    # Three decimals of a millisecond are half a microsecond off at most, which may be a bucket.
    return [
        {
            "ms": ms,
            "share": share,
            "count": count,
            "counted": [count_at(ms * 1e6 - 500), count_at(ms * 1e6 + 500)],
            "valueMs": together.get_value_at_percentile(100 * count / max(1, together.get_total_count())) / 1e6,
        }
        for ms, share, count, *_ in lines_of(path.read_text())
    ]


def new_histogram():
    return HdrHistogram(1, 3_600_000_000_000, 3)


def read_log(path):
    reader = HistogramLogReader(str(path), new_histogram())
    found = []
    while (one := reader.get_next_interval_histogram()) is not None:
        found.append(
            {
                "tag": one.get_tag(),
                "count": one.get_total_count(),
                "p50Ns": one.get_value_at_percentile(50),
                "p999Ns": one.get_value_at_percentile(99.9),
                "startMs": one.get_start_time_stamp(),
                "endMs": one.get_end_time_stamp(),
            }
        )
    return found


def read_openmetrics(path):
    return [
        {"name": sample.name, "labels": dict(sample.labels), "value": sample.value}
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    ]


def read_markdown(path):
    """As GitHub's own renderer makes HTML of it."""
    html = cmarkgfm.github_flavored_markdown_to_html(path.read_text(), options=Options.CMARK_OPT_UNSAFE)
    page = etree.HTML(html)
    return {
        "heading": ["".join(one.itertext()) for one in page.iter("h3")],
        "tables": [
            [["".join(cell.itertext()) for cell in row.iter("th", "td")] for row in table.iter("tr")]
            for table in page.iter("table")
        ],
        "items": ["".join(one.itertext()).strip() for one in page.iter("li")],
        "tags": sorted({one.tag for one in page.iter() if isinstance(one.tag, str)}),
    }


readers = {
    ".csv": read_csv,
    ".xml": read_junit,
    ".hgrm": read_hgrm,
    ".hlog": read_log,
    ".prom": read_openmetrics,
    ".md": read_markdown,
}
print(json.dumps({path.name: readers[path.suffix](path) for path in sorted(directory.iterdir())}))
