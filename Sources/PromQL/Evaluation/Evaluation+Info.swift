internal import MetricsModel

extension Evaluation {
    /// `info(v, selector)`: adds labels of info series to the elements of a vector.
    func info(_ call: Call, _ grid: StepGrid) throws(EvaluationError) -> [SeriesColumn] {
        let request = try InfoRequest(call)
        let base = try vector(call.arguments[0], grid)
        guard let index = plan.infoIndex[call.sourceRange] else {
            preconditionFailure("call at \(call.sourceRange) was not planned")
        }
        // Values are sample times, in ms: the newest series of several wins.
        let stream = SelectorStream(
            sources[index],
            request.shift,
            grid,
            lookback: parameters.lookbackDelta,
            at: call.sourceRange,
            .milliseconds
        )
        let infoSeries = try collect(stream, grid).filter { request.isInfoSource($0.labels) }
        let identity = LabelNameSet(InfoRequest.identifyingLabels)
        var byIdentity: [Labels: [SeriesColumn]] = [:]
        for source in infoSeries {
            byIdentity[source.labels.keeping(identity), default: []].append(source)
        }
        var result: [SeriesColumn] = []
        for element in base {
            try control.check()
            if request.isInfoSource(element.labels) {
                result.append(element)
                continue
            }
            let joined = byIdentity[element.labels.keeping(identity)] ?? []
            result += try InfoJoin(request: request, element: element, sources: joined).columns()
        }
        return try merged(result)
    }
}

/// The join of one element with the info series that have its identifying labels.
private struct InfoJoin {
    let request: InfoRequest
    let element: SeriesColumn
    let sources: [SeriesColumn]

    /// The element with more labels, as many columns as there are different sets of them.
    func columns() throws(EvaluationError) -> [SeriesColumn] {
        guard !sources.isEmpty else { return unmatched.map { [$0] } ?? [] }
        // Sources rarely change: labels are computed only for steps at which they do.
        var builders: [Labels: ColumnBuilder] = [:]
        var order: [Labels] = []
        var previous: [Int]?
        var labels: Labels?
        for step in element.steps {
            guard let value = element.sample(at: step) else { continue }
            let chosen = try newestSources(at: step)
            if chosen != previous {
                labels = try self.labels(with: chosen)
                previous = chosen
            }
            guard let labels else { continue }
            if builders[labels] == nil { order.append(labels) }
            builders[labels, default: ColumnBuilder()].append(value, at: step)
        }
        return order.compactMap { labels in
            builders[labels]?.column(labels, dropsName: element.dropsName)
        }
    }

    /// The element as it is, unless a matcher asks for a label that it thus lacks.
    private var unmatched: SeriesColumn? { requiresMatch ? nil : element }

    private var requiresMatch: Bool { request.dataMatchers.contains { !$0.matchesEmpty } }

    /// For each info metric the index of the series with the newest sample.
    private func newestSources(at step: Int) throws(EvaluationError) -> [Int] {
        var newest: [String: Int] = [:]
        for (index, source) in sources.enumerated() {
            let time = source.value(at: step)
            guard !time.isAbsent else { continue }
            let name = source.labels.name
            guard let other = newest[name] else {
                newest[name] = index
                continue
            }
            let otherTime = sources[other].value(at: step)
            if time == otherTime {
                throw .execution(
                    message: "found duplicate series for info metric: existing "
                        + "\(QuotedText.labels(sources[other].labels)) @ \(Int64(otherTime)), new "
                        + "\(QuotedText.labels(source.labels)) @ \(Int64(time))"
                )
            }
            if time > otherTime { newest[name] = index }
        }
        return newest.values.sorted()
    }

    /// The element's labels with those of the sources; nil if the element is dropped.
    private func labels(with chosen: [Int]) throws(EvaluationError) -> Labels? {
        var added: [String: String] = [:]
        var hasMatch = false
        let included = request.includedLabels
        for index in chosen {
            let source = sources[index].labels
            guard request.dataMatchers.allMatch(source) else { continue }
            hasMatch = true
            for (name, value) in source.pairs
            where name != Labels.metricName
                && !InfoRequest.identifyingLabels.contains(name)
                && element.labels.value(of: name) == nil
            {
                if let included {
                    var text = name
                    guard text.withUTF8({ included.contains($0) }) else { continue }
                }
                if let other = added[name], other != value {
                    throw .execution(message: "conflicting label: \(name)")
                }
                added[name] = value
            }
        }
        guard hasMatch || !requiresMatch else { return nil }
        var builder = LabelsBuilder(element.labels)
        for (name, value) in added { builder.set(name, value) }
        return builder.build()
    }
}

extension InfoRequest {
    /// Whether the matchers on names choose a series as a source of labels.
    func isInfoSource(_ labels: Labels) -> Bool { fetchedMatchers.allMatch(labels) }
}
