import ChunkCoding
import HeadStorage
import MetricsModel
import TestSupport
import Testing

@Suite struct HeadModelTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64], [false, true])
    func `a head does what the model does`(seed: UInt64, isSliced: Bool) throws {
        var run = ModelRun(seed: seed, isSliced: isSliced)
        for _ in 0..<3000 { try run.step() }
        try run.check(range: .all, matchers: [])
        #expect(run.head.statistics.seriesRemovedTotal > 0)
        #expect(run.storedCount > 1000)
        #expect(run.head.labelAnswersHeld > 20)
    }

    @Test func `the same calls make the same head`() throws {
        var first = ModelRun(seed: 99)
        var second = ModelRun(seed: 99)
        for _ in 0..<1500 {
            try first.step()
            try second.step()
        }
        #expect(first.head.select([], .all) == second.head.select([], .all))
        var (left, right) = (first.head.statistics, second.head.statistics)
        // How much room an array keeps for growing is the allocator's affair.
        (left.approximateBytes, right.approximateBytes) = (0, 0)
        #expect(left == right)
        for labels in first.labels {
            #expect(first.head.reference(of: labels) == second.head.reference(of: labels))
        }
    }
}

/// Random calls on a head and on the model side by side.
private struct ModelRun: ~Copyable {
    let head: TestHead
    var model: HeadModel
    var random: SeededGenerator
    let labels: [Labels]
    var storedCount = 0
    private var now: Int64 = 10_000
    private var nextCut: UInt64 = 1
    private var matchers: [LabelMatcher] = []

    /// Whether cuts begin and end in slices, with other calls in between.
    private let isSliced: Bool

    init(seed: UInt64, isSliced: Bool = false) {
        var settings = HeadSettings.small
        if seed % 2 == 0 { settings.firstChunkSpread = 5 }
        head = TestHead(settings: settings)
        model = HeadModel(settings: settings)
        self.isSliced = isSliced
        random = SeededGenerator(seed: seed)
        labels = (0..<30).map { number in
            Labels([
                ("__name__", "metric_\(number % 3)"),
                ("job", number % 5 == 0 ? "" : "job\(number % 5)"),
                ("instance", "host\(number)"),
            ])
        }
    }

    mutating func step() throws {
        now += Int64.random(in: 0..<25, using: &random)
        if isSliced { goOnWithCuts() }
        switch Int.random(in: 0..<1000, using: &random) {
        case ..<960: try append()
        case ..<975: try beginCut()
        case ..<990: try finishCut()
        default: try checkRandomRange()
        }
    }

    private mutating func append() throws {
        let chosen = labels[Int.random(in: 0..<labels.count, using: &random)]
        model.create(chosen)
        let isLate = Int.random(in: 0..<6, using: &random) == 0
        let offset = Int64.random(in: 0..<(isLate ? 6000 : 20), using: &random)
        let lateWindow: Int64 = Bool.random(using: &random) ? 4000 : 0
        let sample = self.sample(at: now - offset)
        let outcome = try head.add(
            sample,
            to: chosen,
            lateWindow: lateWindow,
            now: now,
            segment: UInt64(now / 1000)
        )
        let expected = model.append(sample, to: chosen, lateWindow: lateWindow, now: now)
        #expect(outcome == expected)
        if outcome == .stored { storedCount += 1 }
    }

    /// A plain float mostly; every series gets all kinds.
    private mutating func sample(at timestamp: Int64) -> HeadSample {
        let start: Int64 = [0, 5, timestamp - 10].randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            return HeadSample(
                timestamp: timestamp,
                value: .float(value().bitPattern),
                start: start
            )
        case 1, 2:
            return HeadSample(
                timestamp: timestamp,
                value: .histogram(histogram()),
                start: start
            )
        default:
            return HeadSample(timestamp: timestamp, value: .float(value().bitPattern))
        }
    }

    private mutating func histogram() -> Histogram {
        if Int.random(in: 0..<6, using: &random) == 0 { return .staleMarker }
        let width = Int32.random(in: 0..<3, using: &random)
        return Histogram(
            schema: Int8.random(in: 0...1, using: &random),
            resetHint: Histogram.ResetHint.allCases.randomElement(using: &random) ?? .unknown,
            count: value(),
            sum: value(),
            positive: .init(
                indexes: Array(0..<width),
                counts: (0..<width).map { _ in Double(Int.random(in: 0..<9, using: &random)) }
            )
        )
    }

    private mutating func value() -> Double {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: StaleMarker.value
        case 1: Double.random(in: -1e9...1e9, using: &random)
        case 2: -0.0
        default: Double(Int.random(in: 0..<3, using: &random))
        }
    }

    private mutating func beginCut() throws {
        let isAligned = Bool.random(using: &random)
        let end = isAligned ? now / 1000 * 1000 : now - Int64.random(in: 0..<1500, using: &random)
        if isSliced {
            let begun = head.head.startCut(id: nextCut, before: end)
            let hasSamples = model.beginCut(id: nextCut, before: end)
            #expect(begun || !hasSamples)
            // A cut of nothing is one too until its work is done.
            if begun, !hasSamples {
                head.head.finishCut(nextCut, removingSeriesIdleSince: .min)
            }
        } else {
            let begun = head.beginCut(id: nextCut, before: end)
            #expect(begun == model.beginCut(id: nextCut, before: end))
            if begun { try checkCut(nextCut) }
        }
        nextCut += 1
    }

    /// Does a little of the work that cuts left behind.
    private mutating func goOnWithCuts() {
        let limit = Int.random(in: 0..<4, using: &random)
        _ = head.head.continueCut(limit: limit)
        _ = head.head.continueFinishing(limit: limit)
    }

    private func checkCut(_ id: UInt64) throws {
        while head.head.continueCut(limit: 7) {}
        let expected = model.contents(ofCut: id)
        #expect(head.cutWindows(id) == expected.keys.sorted())
        for window in head.cutWindows(id) {
            #expect(head.cutSamples(id, window: window) == expected[window])
        }
    }

    private mutating func finishCut() throws {
        guard let id = model.pendingCuts.randomElement(using: &random)?.id else { return }
        // What was added since the cut began is not in it.
        try checkCut(id)
        if isSliced {
            head.head.startFinishing(id)
            // Idle series leave bit by bit; the model knows only one moment.
            try checkSamples()
            while head.head.continueFinishing(limit: 3) {}
        } else {
            head.head.finishCut(id)
        }
        model.finishCut(id)
        try check(range: .all, matchers: [])
    }

    private mutating func checkRandomRange() throws {
        let start = now - Int64.random(in: 0..<8000, using: &random)
        let end = start + Int64.random(in: 0..<3000, using: &random)
        let name = ["__name__", "job", "instance", "absent"].randomElement(using: &random) ?? ""
        let value = ["metric_1", "job.", "host1.*", ".*[24]", "job1|job3", ""]
            .randomElement(using: &random)
        let operation = [LabelMatcher.Operation.equal, .notEqual, .matches, .notMatches]
            .randomElement(using: &random)
        let matcher = try LabelMatcher(
            name: name,
            operation: operation ?? .equal,
            value: value ?? ""
        )
        matchers = Bool.random(using: &random) ? [matcher] : (matchers + [matcher]).suffix(3)
        try check(range: TimeRange(start: start, end: end), matchers: matchers)
    }

    /// What is dropped is gone at once, although its memory is not.
    private func checkSamples() throws {
        let id = try #require(model.pendingCuts.first { !head.pendingCuts.contains($0.id) }?.id)
        var model = model
        model.finishCut(id)
        #expect(try head.everything() == model.select([], .all))
    }

    /// An answer about labels that is kept is what the model says, as long as it holds.
    private func checkKeptAnswers(_ range: TimeRange) throws {
        let series = model.select([], range).keys
        for name in ["job", "instance", "__name__", nil] {
            let expected = Set(
                series.flatMap { series in
                    name.map { [series.value(of: $0)].compactMap(\.self) }
                        ?? series.pairs.map(\.name)
                }
            ).sorted()
            if let known = head.labelAnswers[name], head.holds(known, in: range) {
                #expect(known.strings == expected)
                head.labelAnswersHeld += 1
            } else if let answer = head.lastingAnswer(name, range) {
                #expect(answer.strings == expected)
                head.labelAnswers[name] = answer
            }
        }
    }

    /// Compares everything that can be read.
    func check(range: TimeRange, matchers: [LabelMatcher]) throws {
        let expected = model.select(matchers, range)
        let selected = head.select(matchers, range)
        // A chunk may reach over a range in which it has no sample.
        #expect(Set(selected.map(\.labels)).isSuperset(of: expected.keys))
        #expect(Set(selected.map(\.labels)).count == selected.count)
        #expect(try head.everything(matchers, range) == expected)
        #expect(head.series(matchers, range) == expected.keys.sorted())
        let names = Set(expected.keys.flatMap { $0.pairs.map(\.name) })
        #expect(head.labelNames(matchers, range) == names.sorted())
        for name in ["job", "instance", "absent"] {
            let values = Set(expected.keys.compactMap { $0.value(of: name) })
            #expect(head.labelValues(name, matchers, range) == values.sorted())
        }
        try checkKeptAnswers(range)
        for chunk in selected.flatMap(\.chunks) {
            #expect(model.window(of: chunk.minTime) == model.window(of: chunk.maxTime))
            #expect(chunk.count <= 24)
        }
        let total = model.series.values.reduce(0) { $0 + $1.all.count }
        #expect(head.statistics.sampleCount == total)
        #expect(head.statistics.seriesCount == model.series.count)
        #expect(head.statistics.pendingCutCount == model.pendingCuts.count)
        if total > 0 { #expect(head.oldestSegmentNeeded != nil) }
    }
}
