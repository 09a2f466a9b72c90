"""AWS Glue Data Quality: rulesets in DQDL, evaluated by Athena's SQL over tables of the catalog.

| module | what it holds |
|---|---|
| `dqdl` | the language: a ruleset's text → rules |
| `rules` | each rule type → SQL, a metric, and whether it passes |
| `runs` | StartDataQualityRulesetEvaluationRun and its like |
"""
