public import MetricsModel

/// Label names and values.
extension Head {
    /// Begins a search for the label names of the series that pass all matchers.
    public func searchLabelNames(_ matchers: [LabelMatcher], _ range: TimeRange) -> LabelSearch {
        labelSearch(nil, matchers, range)
    }

    /// Begins a search for the values that a label has in the series that pass all matchers; nil where no
    /// series has the label.
    public func searchLabelValues(
        _ name: String,
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> LabelSearch? {
        labelIndex.name(name).map { labelSearch($0, matchers, range) }
    }

    public func isCurrent(_ search: LabelSearch) -> Bool { isCurrent(search.series) }

    /// Goes on with a search.
    ///
    /// - Parameter limit: How many series are looked at, about.
    /// - Returns: Whether more is to be done.
    public func continueSearch(_ search: inout LabelSearch, limit: Int) -> Bool {
        if let next = search.next {
            search.next = probe(&search, from: next, limit: limit)
            if search.next == nil, !search.undecided.isEmpty {
                // What the first series did not tell, all of them do; the newest, which have most samples, go first.
                search.series = self.search([], search.series.range).reversed
            }
        } else {
            findInSeries(&search, limit: limit)
        }
        return search.next != nil || !search.series.isFinished
    }

    /// What was found, in no particular order.
    public func strings(of search: LabelSearch) -> [String] {
        let symbols = search.isFound.indices.filter { search.isFound[$0] }.map { index in
            guard let name = search.name else {
                return labelIndex.pairs.names[index].symbol
            }
            return labelIndex.pairs.pairs[Int(labelIndex.pairs.names[Int(name)].pairs[index])].value
        }
        return symbols.map { labelIndex.symbols.string($0) }
    }

    // MARK: All at once

    /// Label names of the series that pass all matchers and have samples in a range, in the order of their
    /// bytes.
    public func labelNames(_ matchers: [LabelMatcher], _ range: TimeRange) -> [String] {
        var search = searchLabelNames(matchers, range)
        while continueSearch(&search, limit: .max) {}
        return strings(of: search).sortedByBytes()
    }

    /// Values that a label has in these series, in the order of their bytes.
    public func labelValues(
        _ name: String,
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> [String] {
        guard var search = searchLabelValues(name, matchers, range) else { return [] }
        while continueSearch(&search, limit: .max) {}
        return strings(of: search).sortedByBytes()
    }

    // MARK: Searching

    private func labelSearch(
        _ name: UInt32?,
        _ matchers: [LabelMatcher],
        _ range: TimeRange
    ) -> LabelSearch {
        guard matchers.isEmpty else {
            return LabelSearch(name: name, series: search(matchers, range))
        }
        let nothing = SeriesSearch(
            matchers: [],
            range: range,
            generation: labelGeneration,
            candidates: [],
            tests: []
        )
        return LabelSearch(name: name, series: nothing, next: 0)
    }

    /// Asks the first series of each name or value whether they have samples.
    ///
    /// - Returns: What is to be asked next, nil once all are.
    private func probe(_ search: inout LabelSearch, from start: Int, limit: Int) -> Int? {
        let names = labelIndex.pairs.names
        let count = search.name.map { names[Int($0)].pairs.count } ?? names.count
        search.isFound += repeatElement(false, count: max(0, count - search.isFound.count))
        var left = limit
        for index in start..<max(count, start) {
            guard left > 0 else { return index }
            let pairs = search.name.map { [names[Int($0)].pairs[index]] } ?? names[index].pairs
            switch isUsed(pairs, in: search.series.range, left: &left) {
            case true?: search.isFound[index] = true
            case false?: break
            case nil: search.undecided.append(index)
            }
        }
        return nil
    }

    /// Whether a series with one of some pairs has samples in a range; nil where the first ones have none, but
    /// there are more.
    private func isUsed(_ pairs: [UInt32], in range: TimeRange, left: inout Int) -> Bool? {
        let limit = probeLimit(pairs)
        var asked = 0
        var isUsed = false
        for pair in pairs {
            labelIndex.pairs.visitSerials(with: pair) { serial in
                asked += 1
                isUsed = labelIndex.number(of: serial).map { hasSamples($0, in: range) } ?? false
                return !isUsed && asked <= limit
            }
            if isUsed || asked > limit { break }
        }
        left -= min(asked, left)
        return isUsed ? true : asked > limit ? nil : false
    }

    /// Series to ask: all that have one of some pairs, where these are not many.
    private func probeLimit(_ pairs: [UInt32]) -> Int {
        var count = 0
        for pair in pairs {
            count += labelIndex.pairs.serialCount(with: pair)
            if count > LabelSearch.fewSeries { return LabelSearch.probeCount }
        }
        return count
    }

    /// Notes the names or values of the next series.
    private func findInSeries(_ search: inout LabelSearch, limit: Int) {
        let names = labelIndex.pairs.names
        let count = search.name.map { names[Int($0)].pairs.count } ?? names.count
        var isFound = search.isFound
        search.isFound = []
        isFound += repeatElement(false, count: max(0, count - isFound.count))
        let (range, name) = (search.series.range, search.name)
        visit(&search.series, limit: limit) { serial, number in
            // A series that adds nothing is not asked for its samples.
            if let name {
                guard let place = labelIndex.place(of: serial, name: name), !isFound[Int(place)],
                    hasSamples(number, in: range)
                else { return }
                isFound[Int(place)] = true
            } else {
                let own = labelIndex.names(of: serial)
                guard own.contains(where: { !isFound[Int($0)] }), hasSamples(number, in: range)
                else { return }
                for name in own { isFound[Int(name)] = true }
            }
        }
        search.isFound = isFound
        guard !search.undecided.isEmpty else { return }
        search.undecided.removeAll { isFound[$0] }
        // Further series tell nothing new.
        if search.undecided.isEmpty { search.series.finish() }
    }
}

extension [String] {
    /// The strings in the order of their bytes.
    public func sortedByBytes() -> [String] {
        sorted { left, right in
            let order = left.utf8.withContiguousStorageIfAvailable { left in
                right.utf8.withContiguousStorageIfAvailable { compareBytes(left, $0) < 0 }
            }
            return order.flatMap { $0 } ?? left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }
}
