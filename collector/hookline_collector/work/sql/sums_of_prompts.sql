-- Figures of prompts, as statements about turns add them up. What the client wrote to itself is none; what the running turn took in is one more.
countIf(prompt_source != 'task_notification') + sum(absorbed_prompts) AS prompts,
countIf(outcome = 'failure' AND prompt_source != 'task_notification') AS failed_prompts,
countIf(outcome = 'interrupted' AND prompt_source != 'task_notification') AS interrupted_prompts,
countIf(evidence = 'derived' AND prompt_source != 'task_notification') AS derived_prompts,
countIf(evidence = 'inferred' AND prompt_source != 'task_notification') AS inferred_prompts,
countIf(is_open AND prompt_source != 'task_notification') AS open_prompts
