-- What came of the prompts?
SELECT toString(outcome) AS what, count() AS prompts_in_all
{{turns_of_range}}
GROUP BY what
ORDER BY prompts_in_all DESC
