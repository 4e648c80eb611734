-- How well each fact is known, so that of two tellings the better evidence counts, whichever source it is from: evidence is 3 observed,
-- 2 derived, 1 inferred, 0 no end at all (a sign of life); teller is 5 hook, 4 the agent's own telemetry, 3 transcript, 2 process, 1 a rule.
-- Where a span does not say it, what closed it does. One outcome knows more than another: the agent's own telemetry tells of a call that a person
-- stopped or denied only that it failed, so an observed interruption or denial counts before a failure, whoever tells of either. place is the newest (moment, project, branch, revision) as one value.
ALTER TABLE ${database}.agent_spans ${on_cluster}
    ADD COLUMN IF NOT EXISTS evidence UInt8,
    ADD COLUMN IF NOT EXISTS teller UInt8,
    ADD COLUMN IF NOT EXISTS is_script UInt8;

-- The same of log records.
ALTER TABLE ${database}.agent_logs ${on_cluster}
    ADD COLUMN IF NOT EXISTS teller UInt8,
    ADD COLUMN IF NOT EXISTS is_script UInt8;

-- The views that fill them are made anew below.
DROP VIEW IF EXISTS ${database}.agent_spans_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.agent_logs_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.tool_calls_spans_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.tool_calls_logs_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.activity_spans_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.activity_logs_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.sessions_spans_mv ${on_cluster};

-- (as above)
DROP VIEW IF EXISTS ${database}.sessions_logs_mv ${on_cluster};

-- Calls: the best end, the best outcome, each wait with the best of its ends, when somebody decided, and one place. Rows of older versions
-- are graded by what closed them.
ALTER TABLE ${database}.tool_calls_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS ending SimpleAggregateFunction(max, Tuple(evidence UInt8, teller UInt8, ended DateTime64(9, 'UTC')))
        DEFAULT if(
            ended > 0,
            (toUInt8(multiIf(source = 2, 3, last.5 = '', 3, last.5 IN ('batch', 'turn_end', 'process_gone'), 2, 1)),
             toUInt8(multiIf(source = 2, 4, last.5 != '', 1, source = 3, 5, 3)), ended),
            (toUInt8(0), toUInt8(0), toDateTime64(0, 9, 'UTC'))),
    ADD COLUMN IF NOT EXISTS said SimpleAggregateFunction(max, Tuple(
        is_known UInt8, evidence UInt8, teller UInt8, ended DateTime64(9, 'UTC'), outcome String, error_type String, closed_by String))
        DEFAULT (
            last.1,
            toUInt8(multiIf(source = 2, 3, last.5 = '', 3, last.5 IN ('batch', 'turn_end', 'process_gone'), 2, 1)),
            toUInt8(multiIf(source = 2, 4, last.5 != '', 1, source = 3, 5, 3)),
            last.2, last.3, last.4, last.5),
    ADD COLUMN IF NOT EXISTS wait_ends SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(
        DateTime64(9, 'UTC'), UInt8, UInt8, DateTime64(9, 'UTC'))))
        DEFAULT arrayMap(
            wait -> (
                wait.1,
                toUInt8(multiIf(last.5 = '', 3, last.5 IN ('batch', 'turn_end', 'process_gone'), 2, 1)),
                toUInt8(multiIf(last.5 != '', 1, source = 3, 5, 3)),
                wait.2),
            waits),
    ADD COLUMN IF NOT EXISTS decided SimpleAggregateFunction(max, Tuple(evidence UInt8, teller UInt8, at DateTime64(9, 'UTC'))),
    ADD COLUMN IF NOT EXISTS place SimpleAggregateFunction(max, Tuple(
        at DateTime64(9, 'UTC'), project String, branch String, revision String))
        DEFAULT if(
            project = '',
            (toDateTime64(0, 9, 'UTC'), '', '', ''),
            (if(ended > 0, ended, if(started > '2199-01-01', toDateTime64(1, 9, 'UTC'), started)), project, branch, ''));

-- Intervals: the best end with what was said with it, the last sign of life and whether it was a question, the call, one place, and whether
-- nobody sits at the session.
ALTER TABLE ${database}.activity_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS ending SimpleAggregateFunction(max, Tuple(
        evidence UInt8, teller UInt8, ended DateTime64(9, 'UTC'), is_span UInt8, outcome String, closed_by String, error_type String))
        DEFAULT (
            toUInt8(multiIf(
                source = 2, if(is_span = 1 OR kind != 'turn', 3, 1),
                is_span = 0, 0,
                last.4 = '', 3,
                last.4 IN ('batch', 'turn_end', 'process_gone'), 2,
                1)),
            toUInt8(multiIf(source = 2, 4, last.4 != '', 1, source = 3, 5, 3)),
            ended, is_span, last.3, last.4, last.5),
    ADD COLUMN IF NOT EXISTS seen SimpleAggregateFunction(max, Tuple(time DateTime64(9, 'UTC'), asks UInt8))
        DEFAULT (if(is_span = 1, started, ended), toUInt8(0)),
    ADD COLUMN IF NOT EXISTS call_id SimpleAggregateFunction(max, String),
    ADD COLUMN IF NOT EXISTS place SimpleAggregateFunction(max, Tuple(
        at DateTime64(9, 'UTC'), project String, branch String, revision String))
        DEFAULT (if(project = '', toDateTime64(0, 9, 'UTC'), ended), project, branch, revision),
    ADD COLUMN IF NOT EXISTS is_script SimpleAggregateFunction(max, UInt8),
    ADD COLUMN IF NOT EXISTS absorbed SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64));

-- Sessions: every start, so that nobody is counted before a resume, the prompts that are none because the client wrote them itself, those that a
-- person typed ahead and the running turn took in, and the calls that did not fail but were stopped or denied.
ALTER TABLE ${database}.sessions_state ${on_cluster}
    ADD COLUMN IF NOT EXISTS starts SimpleAggregateFunction(groupUniqArrayArray, Array(DateTime64(9, 'UTC'))),
    ADD COLUMN IF NOT EXISTS notices SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    ADD COLUMN IF NOT EXISTS absorbed SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    ADD COLUMN IF NOT EXISTS stopped SimpleAggregateFunction(groupUniqArrayArray, Array(UInt64)),
    ADD COLUMN IF NOT EXISTS is_script SimpleAggregateFunction(max, UInt8),
    ADD COLUMN IF NOT EXISTS place SimpleAggregateFunction(max, Tuple(
        UInt8, UInt8, DateTime64(9, 'UTC'), String, String, String))
        DEFAULT (project.1, project.2, project.3, project.4, branch.4, '');

-- While a machine slept nobody worked and nothing ran: one row a session and wake.
CREATE TABLE IF NOT EXISTS ${database}.suspends_state ${on_cluster} (
    day Date,
    session_id String,
    woke DateTime64(9, 'UTC'),
    slept SimpleAggregateFunction(min, DateTime64(9, 'UTC'))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, session_id, woke)
SETTINGS ${deduplication};

-- When was a prompt's session seen in which place? One row a place: a turn is cut where the next one begins.
CREATE TABLE IF NOT EXISTS ${database}.places_state ${on_cluster} (
    day Date,
    session_id String,
    prompt_id String,
    project String,
    branch String,
    revision String,
    times SimpleAggregateFunction(groupUniqArrayArray, Array(DateTime64(9, 'UTC')))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY greatest(least(toYYYYMM(day), 204001), 202001)
ORDER BY (day, session_id, prompt_id, project, branch, revision)
SETTINGS ${deduplication};

-- The agents' spans among all spans, as in 0010, with how well their ends are known.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.agent_spans_mv ${on_cluster}
TO ${database}.agent_spans
AS ${agent_spans};

-- The agents' records among all records, as in 0010, with who told.
CREATE MATERIALIZED VIEW IF NOT EXISTS ${database}.agent_logs_mv ${on_cluster}
TO ${database}.agent_logs
AS ${agent_logs};
