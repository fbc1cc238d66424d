public import MetricsModel

/// How many series of a head have certain labels, for limits on new ones.
///
/// Counted when first asked for, then kept right as series come and go; a head that is never asked counts nothing, and no
/// sample costs more.
struct SeriesCounts {
    /// Series by pair of the label index, which stands for a metric.
    private var metrics: [UInt32: Int] = [:]
    /// The label sets that are counted.
    ///
    /// A series may belong to several; one without labels is for what belongs to no other.
    private var sets: [Labels] = []
    /// Series of each set.
    private var setCounts: [Int] = []

    var isEmpty: Bool { metrics.isEmpty && sets.isEmpty }

    func metric(_ pair: UInt32) -> Int? { metrics[pair] }

    mutating func startMetric(_ pair: UInt32, at count: Int) { metrics[pair] = count }

    /// Forgets what is named by pairs: these get other numbers.
    mutating func forgetMetrics() { metrics = [:] }

    func areCounted(_ wanted: [Labels]) -> Bool { sets == wanted }

    mutating func startSets(_ sets: [Labels], at counts: [Int]) {
        self.sets = sets
        setCounts = counts
    }

    func count(ofSet index: Int) -> Int { setCounts[index] }

    /// Notes that a series came or went.
    ///
    /// - Parameter metric: Its pair with `__name__`, nil where it has none.
    mutating func change(by step: Int, metric: UInt32?, key: UnsafeBufferPointer<UInt8>) {
        if let metric, let count = metrics[metric] { metrics[metric] = count + step }
        guard !sets.isEmpty else { return }
        Self.visit(sets, of: key) { setCounts[$0] += step }
    }

    /// Calls the body with the number of each set that a series belongs to.
    static func visit(_ sets: [Labels], of key: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) {
        var belongs = false
        for (index, set) in sets.enumerated() where !set.isEmpty {
            guard set.key.withUnsafeBufferPointer({ has(key, all: $0) }) else { continue }
            belongs = true
            body(index)
        }
        guard !belongs else { return }
        for (index, set) in sets.enumerated() where set.isEmpty { body(index) }
    }

    /// Whether a key has all labels of another one; both are in order of names.
    private static func has(
        _ key: UnsafeBufferPointer<UInt8>,
        all wanted: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var labels = LabelCursor(key)
        var others = LabelCursor(wanted)
        while let (name, value) = others.next() {
            var found = false
            while !found, let (candidate, candidateValue) = labels.next() {
                let order = compareBytes(candidate, name)
                guard order <= 0 else { return false }
                guard order == 0 else { continue }
                guard compareBytes(candidateValue, value) == 0 else { return false }
                found = true
            }
            guard found else { return false }
        }
        return true
    }
}

/// Counts of series by labels; each is made by a walk over the postings once, and costs little from then on.
extension Head {
    /// How many series in memory have the metric name of a key; 0 where it has none.
    public mutating func seriesCount(ofMetricIn key: UnsafeBufferPointer<UInt8>) -> Int {
        guard let pair = labelIndex.metricPair(of: key) else { return 0 }
        if let count = seriesCounts.metric(pair) { return count }
        var count = 0
        labelIndex.pairs.visitSerials(with: pair) { serial in
            if labelIndex.number(of: serial) != nil { count += 1 }
            return true
        }
        seriesCounts.startMetric(pair, at: count)
        return count
    }

    /// Calls the body with each label set that the series of a key belongs to, and with how many series in memory do.
    ///
    /// A series belongs to a set when it has all of its labels, and to the empty set when it belongs to no other.
    ///
    /// - Parameter sets: Other ones than last time are counted anew.
    public mutating func visitSets(
        _ sets: [Labels],
        of key: UnsafeBufferPointer<UInt8>,
        _ body: (_ set: Int, _ count: Int) -> Void
    ) {
        if !seriesCounts.areCounted(sets) {
            seriesCounts.startSets(sets, at: labelIndex.counts(of: sets))
        }
        SeriesCounts.visit(sets, of: key) { body($0, seriesCounts.count(ofSet: $0)) }
    }

    /// Notes that a series has come, or is about to go.
    mutating func noteSeries(_ step: Int, key: UnsafeBufferPointer<UInt8>) {
        seriesCounts.change(by: step, metric: labelIndex.metricPair(of: key), key: key)
    }
}

extension LabelIndex {
    /// The pair of a key with the name `__name__`, if a series has or had it.
    fileprivate func metricPair(of key: UnsafeBufferPointer<UInt8>) -> UInt32? {
        guard let name = name(Labels.metricName) else { return nil }
        let symbol = pairs.names[Int(name)].symbol
        return symbols.withBytes(of: symbol) { wanted in
            var cursor = LabelCursor(key)
            while let (candidate, value) = cursor.next() {
                guard compareBytes(candidate, wanted) == 0 else { continue }
                return symbols.find(value).flatMap { pairs.pair(name: name, value: $0) }
            }
            return nil
        }
    }

    /// How many living series belong to each of some sets.
    fileprivate func counts(of sets: [Labels]) -> [Int] {
        var counts = [Int](repeating: 0, count: sets.count)
        var belongs = [Bool](repeating: false, count: serialCount)
        for (index, set) in sets.enumerated() where !set.isEmpty {
            visitSeries(with: set) { serial in
                counts[index] += 1
                belongs[Int(serial)] = true
            }
        }
        guard sets.contains(where: \.isEmpty) else { return counts }
        var rest = 0
        for serial in 0..<UInt32(serialCount)
        where !belongs[Int(serial)] && number(of: serial) != nil { rest += 1 }
        for (index, set) in sets.enumerated() where set.isEmpty { counts[index] = rest }
        return counts
    }

    /// Calls the body with each living series that has all of some labels, of which there is at least one.
    private func visitSeries(with labels: Labels, _ body: (UInt32) -> Void) {
        var wanted: [UInt32] = []
        for label in labels.pairs {
            guard let name = name(label.name), let pair = pair(name: name, value: label.value)
            else { return }
            wanted.append(pair)
        }
        let rarest = wanted.min { pairs.serialCount(with: $0) < pairs.serialCount(with: $1) }
        guard let rarest else { return }
        pairs.visitSerials(with: rarest) { serial in
            guard number(of: serial) != nil else { return true }
            var found = 0
            visitPairs(of: serial) { if wanted.contains($0) { found += 1 } }
            if found == wanted.count { body(serial) }
            return true
        }
    }
}
