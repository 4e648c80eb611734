FROM worked_calls FINAL
{{of_range}}
