import HeadStorage
import MetricsModel
import Testing

@Suite struct HeadSeriesTests {
    let up = Labels([("__name__", "up"), ("job", "node")])

    @Test func `a series keeps its reference, labels and fingerprint`() throws {
        let head = TestHead(settings: HeadSettings())
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: up)
        #expect(head.reference(of: up) == nil)
        let series = try head.series(up)
        #expect(head.reference(of: up) == series)
        let key = head.head.key(of: series)
        #expect(key == up)
        let kept = head.head.fingerprint(of: series)
        #expect(kept == fingerprint)
        #expect(try head.create(fingerprint, up.key) == series)
        #expect(head.statistics.seriesCreatedTotal == 1)
    }

    @Test func `other labels under a known fingerprint are refused`() throws {
        let head = TestHead(settings: HeadSettings())
        let fingerprint = Fingerprint(seed: TenantSeed(.anonymous), labels: up)
        _ = try head.series(up)
        let other = Labels([("__name__", "down")])
        let error = #expect(throws: HeadError.self) {
            try head.create(fingerprint, other.key)
        }
        #expect(error == .keyMismatch(fingerprint))
    }

    @Test func `a key that is not canonical is refused`() throws {
        let head = TestHead(settings: HeadSettings())
        let name = Labels([("b", "1")]).key + Labels([("a", "1")]).key
        let error = #expect(throws: HeadError.self) {
            try head.create(Fingerprint(high: 1, low: 1), name)
        }
        #expect(error == .invalidKey(.notSorted("a")))
        let garbage = #expect(throws: HeadError.self) {
            try head.create(Fingerprint(high: 1, low: 1), [1, 2, 3])
        }
        #expect(garbage == .invalidKey(.malformed(offset: 0)))
        #expect(head.statistics.seriesCount == 0)
    }

    @Test func `thousands of series are found, removed and found again`() throws {
        let head = TestHead(settings: .small)
        let all = (0..<5000).map { Labels([("__name__", "m"), ("id", "\($0)")]) }
        for (index, labels) in all.enumerated() {
            #expect(try head.add(Int64(index % 10 == 0 ? 5000 : 500), 1, to: labels) == .stored)
        }
        #expect(head.beginCut(id: 1, before: 1000))
        head.head.finishCut(1)
        #expect(head.statistics.seriesCount == 500)
        #expect(head.statistics.seriesRemovedTotal == 4500)
        for (index, labels) in all.enumerated() {
            #expect((head.reference(of: labels) != nil) == (index % 10 == 0))
        }
        // Numbers are used again, and the strings of removed series are gone.
        for labels in all.prefix(1000) { _ = try head.add(9000, 1, to: labels) }
        #expect(head.statistics.seriesCount == 1400)
        let matcher = try LabelMatcher(name: "id", operation: .matches, value: "99.|10")
        #expect(head.series([matcher], .all).count == 11)
        #expect(head.labelValues("id", [], .all).count == 1400)
    }

    @Test func `references found in bulk are those found one by one`() throws {
        let head = TestHead(settings: .small)
        var fingerprints: [Fingerprint] = []
        for index in 0..<100 {
            let labels = Labels([("__name__", "m\(index)")])
            fingerprints.append(Fingerprint(seed: TenantSeed(.anonymous), labels: labels))
            if index % 3 != 0 { _ = try head.series(labels) }
        }
        var found: [SeriesReference?] = []
        for count in [0, 1, 12, 13, 100] {
            head.head.lookUp(Array(fingerprints[..<count]), into: &found)
            var expected: [SeriesReference?] = []
            for fingerprint in fingerprints[..<count] {
                expected.append(head.head.reference(of: fingerprint))
            }
            #expect(found == expected)
        }
    }

    @Test func `a series is introduced in one segment at a time`() throws {
        let head = TestHead(settings: .small)
        let series = try head.series(up)
        func isIntroduced(_ segment: UInt64) -> Bool {
            head.head.isIntroduced(series, in: segment)
        }
        #expect(!isIntroduced(0))
        head.head.markIntroduced(series, in: 0)
        #expect(isIntroduced(0))
        head.head.markIntroduced(series, in: 1)
        #expect(!isIntroduced(0))
        // A number that is used again stands for a series that no segment knows.
        #expect(!head.beginCut(id: 1, before: 0))
        _ = try head.add(500, 1, to: up)
        #expect(head.beginCut(id: 1, before: 1000))
        head.head.finishCut(1)
        let next = try head.series(Labels([("__name__", "other")]))
        #expect(next == series)
        #expect(!isIntroduced(1))
    }
}
