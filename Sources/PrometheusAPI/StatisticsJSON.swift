internal import PromQL

/// Writes what a query cost, as the member `stats` of an answer.
enum StatisticsJSON {
    /// How much is told.
    enum Detail {
        case none
        case totals
        /// Also what each step counted, where that was counted.
        case perStep

        /// The parameter `stats`: any value asks for totals, `all` for everything.
        init(parameter: String?) {
            switch parameter {
            case nil: self = .none
            case "all": self = .perStep
            default: self = .totals
            }
        }
    }

    static func write(
        _ statistics: QueryStatistics,
        _ detail: Detail,
        to json: inout JSONBuffer
    ) {
        guard detail != .none else { return }
        json.raw(",\"stats\":{\"timings\":{")
        timings(statistics.timings, &json)
        json.raw("},\"samples\":{")
        if detail == .perStep {
            steps(
                "\"totalQueryableSamplesPerStep\":",
                statistics.totalQueryableSamplesPerStep,
                &json
            )
            steps("\"samplesReadPerStep\":", statistics.samplesReadPerStep, &json)
        }
        json.raw("\"totalQueryableSamples\":")
        json.integer(Int64(statistics.totalQueryableSamples))
        json.raw(",\"samplesRead\":")
        json.integer(Int64(statistics.samplesRead))
        json.raw(",\"peakSamples\":")
        json.integer(Int64(statistics.peakSamples))
        json.raw("}}")
    }

    private static func timings(_ timings: QueryTimings, _ json: inout JSONBuffer) {
        json.raw("\"evalTotalTime\":")
        json.seconds(timings.evalTotal)
        json.raw(",\"resultSortTime\":")
        json.seconds(timings.resultSort)
        json.raw(",\"queryPreparationTime\":")
        json.seconds(timings.queryPreparation)
        json.raw(",\"innerEvalTime\":")
        json.seconds(timings.innerEval)
        json.raw(",\"execQueueTime\":")
        json.seconds(timings.execQueue)
        json.raw(",\"execTotalTime\":")
        json.seconds(timings.execTotal)
    }

    /// `[[t,n],…]` behind its key; nothing where nothing was counted.
    private static func steps(
        _ key: StaticString,
        _ steps: [QueryStatistics.StepCount],
        _ json: inout JSONBuffer
    ) {
        guard !steps.isEmpty else { return }
        json.raw(key)
        json.list(steps) { json, step in
            json.raw("[")
            json.timestamp(step.timestamp)
            json.raw(",")
            json.integer(Int64(step.count))
            json.raw("]")
        }
        json.raw(",")
    }
}
