/** A comparison as one page that needs nothing but itself. */

import type { Comparison } from "../../compare/comparison.ts";
import { comparisonHeadline } from "../comparison-table.ts";
import { comparisonSection } from "./comparison-section.ts";
import { page, Plots } from "./page.ts";

export async function comparisonHtml(comparison: Comparison): Promise<string> {
  const plots = new Plots();
  const body = comparisonSection(comparison, { plots, id: "comparison", level: 2 });
  return page({ title: comparisonHeadline(comparison), heading: "mesh-load comparison", body, plots });
}
