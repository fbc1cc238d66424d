internal import MetricsModel
internal import PromQL

/// Writes the plan of a query, alone or with the work that was done.
enum PlanJSON {
    /// The answer to a request that only asks for the plan.
    static func answer(_ tree: PlanTree) -> JSONBuffer {
        var json = JSONBuffer(capacity: 4096)
        json.raw("{\"status\":\"success\",\"data\":{\"resultType\":\"explain\",\"explain\":")
        write(tree, nil, to: &json)
        json.raw(",\"text\":")
        json.string(tree.text)
        json.raw("}}")
        return json
    }

    /// `{"plan":{…},"fetches":[…]}`; with a trace, both say what was done as member `actual`.
    static func write(_ tree: PlanTree, _ trace: QueryTrace?, to json: inout JSONBuffer) {
        json.raw("{\"plan\":")
        node(tree.root, trace, &json)
        json.raw(",\"fetches\":")
        json.list(tree.fetches.indices) { fetch($1, of: tree, trace, &$0) }
        json.raw("}")
    }

    private static func node(_ node: PlanNode, _ trace: QueryTrace?, _ json: inout JSONBuffer) {
        json.raw("{\"text\":")
        json.string(node.text)
        json.raw(",\"type\":")
        json.string(node.valueType.rawValue)
        json.raw(",\"method\":")
        json.string(node.method.rawValue)
        json.raw(",\"stepInvariant\":")
        json.boolean(node.isStepInvariant)
        needed(node.neededLabels, &json)
        if let grid = node.grid { steps(grid, &json) }
        if let selector = node.selector { self.selector(selector, &json) }
        if let work = trace?.nodes[node.sourceRange] { actual(work, &json) }
        if !node.children.isEmpty {
            json.raw(",\"children\":")
            json.list(node.children) { self.node($1, trace, &$0) }
        }
        json.raw("}")
    }

    /// Nothing where all labels are needed.
    private static func needed(_ labels: NeededLabels, _ json: inout JSONBuffer) {
        switch labels {
        case .all: return
        case .only(let names):
            json.raw(",\"neededLabels\":")
            json.list(names) { $0.string($1) }
        case .allBut(let names):
            json.raw(",\"ignoredLabels\":")
            json.list(names) { $0.string($1) }
        }
    }

    private static func steps(_ grid: PlanNode.Grid, _ json: inout JSONBuffer) {
        json.raw(",\"steps\":{\"start\":")
        json.timestamp(grid.start)
        json.raw(",\"end\":")
        json.timestamp(grid.end)
        json.raw(",\"step\":")
        json.timestamp(grid.step)
        json.raw(",\"count\":")
        json.integer(Int64(grid.count))
        json.raw("}")
    }

    private static func selector(_ selector: PlanNode.Selector, _ json: inout JSONBuffer) {
        json.raw(",\"selector\":{\"fetch\":")
        json.integer(Int64(selector.fetch))
        json.raw(",\"shared\":")
        json.boolean(selector.isShared)
        json.raw(",\"matchers\":")
        matchers(selector.matchers, &json)
        json.raw(",\"offset\":")
        json.timestamp(selector.offset)
        if let at = selector.at {
            json.raw(",\"at\":")
            json.timestamp(at)
        }
        if let window = selector.window {
            json.raw(",\"window\":")
            json.timestamp(window)
        }
        range(selector.range, &json)
        json.raw("}")
    }

    private static func matchers(_ matchers: [LabelMatcher], _ json: inout JSONBuffer) {
        json.list(matchers) { json, matcher in
            json.raw("{\"name\":")
            json.string(matcher.name)
            json.raw(",\"type\":")
            json.string(matcher.operation.rawValue)
            json.raw(",\"value\":")
            json.string(matcher.value)
            json.raw("}")
        }
    }

    /// The first and the last moment; nothing for an empty range.
    private static func range(_ range: TimeRange, _ json: inout JSONBuffer) {
        guard !range.isEmpty else { return }
        json.raw(",\"from\":")
        json.timestamp(range.start)
        json.raw(",\"through\":")
        json.timestamp(range.end - 1)
    }

    private static func fetch(
        _ index: Int,
        of tree: PlanTree,
        _ trace: QueryTrace?,
        _ json: inout JSONBuffer
    ) {
        json.raw("{\"matchers\":")
        matchers(tree.fetches[index].matchers, &json)
        range(tree.fetches[index].range, &json)
        if index < tree.estimates.count { estimate(tree.estimates[index], &json) }
        if let trace, index < trace.fetches.count { actual(trace.fetches[index], &json) }
        json.raw("}")
    }

    /// `samples` is null where nothing tells how many ingesters hold.
    private static func estimate(_ estimate: FetchEstimate, _ json: inout JSONBuffer) {
        json.raw(",\"estimate\":{\"series\":")
        json.integer(Int64(estimate.seriesCount))
        json.raw(",\"atMost\":")
        json.boolean(estimate.isUpperBound)
        json.raw(",\"samples\":")
        json.number(estimate.sampleCount.map(Double.init))
        json.raw(",\"storedSamples\":")
        json.integer(Int64(estimate.storedSampleCount))
        json.raw(",\"storedBytes\":")
        json.integer(Int64(estimate.storedSize))
        json.raw(",\"seriesInMemory\":")
        json.integer(Int64(estimate.recentSeriesCount))
        json.raw("}")
    }

    private static func actual(_ work: QueryTrace.FetchWork, _ json: inout JSONBuffer) {
        json.raw(",\"actual\":{\"series\":")
        json.integer(Int64(work.seriesCount))
        json.raw(",\"samplesRead\":")
        json.integer(Int64(work.samplesRead))
        json.raw(",\"bytes\":")
        json.integer(Int64(work.size))
        json.raw(",\"gatherTime\":")
        json.seconds(work.time)
        json.raw("}")
    }

    private static func actual(_ work: QueryTrace.NodeWork, _ json: inout JSONBuffer) {
        json.raw(",\"actual\":{\"evaluations\":")
        json.integer(Int64(work.evaluationCount))
        json.raw(",\"elements\":")
        json.integer(Int64(work.elementCount))
        json.raw(",\"samplesRead\":")
        json.integer(Int64(work.samplesRead))
        json.raw(",\"time\":")
        json.seconds(work.time)
        json.raw("}")
    }
}
