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
                // What these did not tell, all of them do; the newest, which have most samples, go first.
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
        guard matchers.isEmpty, mayHaveSamples(in: range) else {
            return LabelSearch(name: name, series: search(matchers, range))
        }
        return LabelSearch(name: name, series: emptySearch(range), next: 0)
    }

    /// Asks some series of each name or value whether they have samples.
    ///
    /// - Returns: What is to be asked next, nil once all are.
    private func probe(_ search: inout LabelSearch, from start: Int, limit: Int) -> Int? {
        guard let name = search.name else { return probeNames(&search, from: start, limit: limit) }
        let pairs = labelIndex.pairs.names[Int(name)].pairs
        search.isFound += repeatElement(false, count: max(0, pairs.count - search.isFound.count))
        var left = limit
        let distance = 12
        for index in start..<max(pairs.count, start) {
            guard left > 0 else { return index }
            if index + distance < pairs.count { prefetchLatest(pairs[index + distance]) }
            switch usedSeries(pairs[index...index], in: search.series.range, &left) {
            case .found(let serial):
                search.isFound[index] = true
                search.note(witness: witness(of: serial, in: search.series.range))
            case .none: break
            case .undecided:
                search.undecided.append(index)
                search.note(witness: nil)
            }
        }
        return nil
    }

    /// As ``probe(_:from:limit:)``, for names: a series with samples tells of all that it has.
    private func probeNames(_ search: inout LabelSearch, from start: Int, limit: Int) -> Int? {
        let names = labelIndex.pairs.names
        search.isFound += repeatElement(false, count: max(0, names.count - search.isFound.count))
        var left = limit
        for index in start..<max(names.count, start) where !search.isFound[index] {
            guard left > 0 else { return index }
            switch usedSeries(names[index].pairs[...], in: search.series.range, &left) {
            case .found(let serial):
                for own in labelIndex.names(of: serial) { search.isFound[Int(own)] = true }
                search.note(witness: witness(of: serial, in: search.series.range))
            case .none: break
            case .undecided:
                search.undecided.append(index)
                search.note(witness: nil)
            }
        }
        search.undecided.removeAll { search.isFound[$0] }
        return nil
    }

    /// Has the newest series with a pair fetched, which will be asked first.
    private func prefetchLatest(_ pair: UInt32) {
        if let number = labelIndex.number(of: labelIndex.pairs.latestSerial(with: pair)) {
            records.prefetch(number)
        }
    }

    /// Whether a series has samples that are looked for.
    private enum Use {
        /// This one has, by its serial.
        case found(UInt32)
        case none
        /// Those that were asked have none, but there are more.
        case undecided
    }

    /// Looks for a series with one of some pairs that has samples in a range.
    ///
    /// - Parameter left: Becomes less by the series that were asked.
    private func usedSeries(
        _ pairs: ArraySlice<UInt32>,
        in range: TimeRange,
        _ left: inout Int
    ) -> Use {
        // The newest series is the one that most likely still gets samples.
        if pairs.count > 1, let pair = pairs.last {
            left -= 1
            let serial = labelIndex.pairs.latestSerial(with: pair)
            if isUsed(serial, in: range) { return .found(serial) }
        }
        let areAllAsked = areFew(pairs)
        // Of many, a few of pairs from everywhere: those that came first may be of another time.
        let step = areAllAsked ? 1 : max(1, pairs.count / LabelSearch.probedPairs)
        let perPair = LabelSearch.probeCount / max(1, min(pairs.count, LabelSearch.probedPairs))
        let limit = areAllAsked ? Int.max : perPair
        for index in stride(from: pairs.startIndex, to: pairs.endIndex, by: step) {
            let pair = pairs[index]
            var asked = 1
            var used = labelIndex.pairs.latestSerial(with: pair)
            var isFound = isUsed(used, in: range)
            if !isFound {
                labelIndex.pairs.visitSerials(with: pair) { serial in
                    asked += 1
                    used = serial
                    isFound = isUsed(serial, in: range)
                    return !isFound && asked < limit
                }
            }
            left -= asked
            if isFound { return .found(used) }
        }
        return areAllAsked ? .none : .undecided
    }

    /// The time of a sample that a series has in a range, as far as first and last times tell.
    private func witness(of serial: UInt32, in range: TimeRange) -> Int64? {
        guard let number = labelIndex.number(of: serial) else { return nil }
        let record = records[number]
        if record.pointee.sampleCount > 0 {
            if range.contains(record.pointee.newest) { return record.pointee.newest }
            if range.contains(record.pointee.firstTimestamp) {
                return record.pointee.firstTimestamp
            }
        }
        var time: Int64?
        _ = hasChunk(number, from: range.start) { _, header in
            time = [header.maxTime, header.minTime].first(where: range.contains)
            return time != nil
        }
        return time
    }

    private func isUsed(_ serial: UInt32, in range: TimeRange) -> Bool {
        labelIndex.number(of: serial).map { hasSamples($0, in: range) } ?? false
    }

    /// Whether the series that have one of some pairs are so few that all are asked.
    private func areFew(_ pairs: ArraySlice<UInt32>) -> Bool {
        var count = 0
        for pair in pairs {
            count += labelIndex.pairs.serialCount(with: pair)
            if count > LabelSearch.fewSeries { return false }
        }
        return true
    }

    /// Notes the names or values of the next series.
    private func findInSeries(_ search: inout LabelSearch, limit: Int) {
        let names = labelIndex.pairs.names
        let count = search.name.map { names[Int($0)].pairs.count } ?? names.count
        var isFound = search.isFound
        search.isFound = []
        if let name = search.name {
            labelIndex.shapes.findPositions(of: name, into: &search.positions)
        }
        let positions = search.positions
        isFound += repeatElement(false, count: max(0, count - isFound.count))
        let (range, name) = (search.series.range, search.name)
        visit(&search.series, limit: limit) { serial, number in
            // A series that adds nothing is not asked for its samples.
            if name != nil {
                guard let place = labelIndex.place(of: serial, at: positions), !isFound[Int(place)],
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
        // Side by side, and the first bytes of each as numbers: a comparison of two strings takes ten times as long.
        var bytes: [UInt8] = []
        var keys: [ByteKey] = []
        keys.reserveCapacity(count)
        for (index, string) in enumerated() {
            let start = bytes.count
            bytes.append(contentsOf: string.utf8)
            keys.append(ByteKey(bytes[start...], index: index))
        }
        return bytes.withUnsafeBufferPointer { bytes in
            keys.sort { $0.precedes($1, in: bytes) }
            return keys.map { self[$0.index] }
        }
    }
}

/// A string that is to be sorted by its bytes.
private struct ByteKey {
    let index: Int
    private let start: Int
    private let end: Int
    /// The first bytes, the first of all highest, zeros where there are none.
    private var prefix: (UInt64, UInt64) = (0, 0)

    init(_ bytes: ArraySlice<UInt8>, index: Int) {
        self.index = index
        start = bytes.startIndex
        end = bytes.endIndex
        for (place, byte) in bytes.prefix(16).enumerated() {
            if place < 8 {
                prefix.0 |= UInt64(byte) << UInt64(56 - 8 * place)
            } else {
                prefix.1 |= UInt64(byte) << UInt64(120 - 8 * place)
            }
        }
    }

    @inline(__always)
    func precedes(_ other: ByteKey, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if prefix.0 != other.prefix.0 { return prefix.0 < other.prefix.0 }
        if prefix.1 != other.prefix.1 { return prefix.1 < other.prefix.1 }
        return compareBytes(
            UnsafeBufferPointer(rebasing: bytes[start..<end]),
            UnsafeBufferPointer(rebasing: bytes[other.start..<other.end])
        ) < 0
    }
}
