import HeadStorage
import MetricsModel
import Testing

@Suite struct HeadSelectTests {
    @Test(arguments: [
        (matchers: [("job", "=", "a")], expected: ["1", "2"]),
        ([("job", "=", "")], ["4"]),
        ([("job", "!=", "")], ["1", "2", "3"]),
        ([("job", "!=", "a")], ["3", "4"]),
        ([("job", "=~", "a|b")], ["1", "2", "3"]),
        ([("job", "=~", "a|")], ["1", "2", "4"]),
        ([("job", "=~", "(a|b)")], ["1", "2", "3"]),
        ([("job", "=~", "(?i)A|x")], ["1", "2"]),
        ([("job", "=~", ".*"), ("id", "=~", "2|2|3|9")], ["2", "3"]),
        ([("job", "=~", "[ab]")], ["1", "2", "3"]),
        ([("job", "=~", ".*")], ["1", "2", "3", "4"]),
        ([("job", "=~", ".+")], ["1", "2", "3"]),
        ([("job", "!~", "a|b")], ["4"]),
        ([("job", "!~", ".+")], ["4"]),
        ([("job", "=~", "a"), ("job", "!=", "a")], []),
        ([("id", "=~", "[12]"), ("id", "!~", "1"), ("job", "=", "a")], ["2"]),
        ([("absent", "=", "x")], []),
        ([("absent", "=", "")], ["1", "2", "3", "4"]),
        ([("absent", "!~", "x.*")], ["1", "2", "3", "4"]),
        ([("absent", "=~", "x.+")], []),
        ([("id", "=", "nowhere")], []),
    ])
    func `matchers pick series`(
        matchers: [(String, String, String)],
        expected: [String]
    ) throws {
        let head = TestHead(settings: .small)
        for (id, job) in [("1", "a"), ("2", "a"), ("3", "b"), ("4", "")] {
            _ = try head.add(100, 1, to: Labels([("id", id), ("job", job)]))
        }
        let parsed = try matchers.map { name, operation, value in
            try LabelMatcher(
                name: name,
                operation: try #require(LabelMatcher.Operation(rawValue: operation)),
                value: value
            )
        }
        #expect(head.series(parsed, .all).compactMap { $0.value(of: "id") } == expected)
        #expect(head.select(parsed, .all).compactMap { $0.labels.value(of: "id") } == expected)
        #expect(head.labelValues("id", parsed, .all) == expected)
    }

    @Test func `values that only look the same are two`() throws {
        let head = TestHead(settings: .small)
        for value in ["\u{E9}", "e\u{301}"] {
            _ = try head.add(100, 1, to: Labels([("id", value)]))
        }
        let both = try LabelMatcher(name: "id", operation: .matches, value: "\u{E9}|e\u{301}")
        #expect(head.series([both], .all).count == 2)
    }

    @Test func `only series with samples in the range are found`() throws {
        let head = TestHead(settings: .small)
        let labels = Labels([("__name__", "up")])
        for timestamp in [100, 200, 700, 1500] as [Int64] {
            _ = try head.add(timestamp, 1, to: labels)
        }
        for (start, end, isFound) in [
            (0, 100, false), (0, 101, true), (201, 700, false), (201, 701, true),
            (701, 1500, false), (1500, 1501, true), (1501, 9000, false), (100, 100, false),
        ] as [(Int64, Int64, Bool)] {
            let range = TimeRange(start: start, end: end)
            #expect(head.series([], range).isEmpty == !isFound)
            #expect(try head.everything([], range).isEmpty == !isFound)
            #expect(head.labelNames([], range).isEmpty == !isFound)
            #expect(head.labelValues("__name__", [], range).isEmpty == !isFound)
        }
    }

    @Test func `answers are sorted by bytes, not by letters`() throws {
        let head = TestHead(settings: .small)
        for value in ["b", "a", "B", "\u{e9}", "e\u{301}", "aa"] {
            _ = try head.add(1, 1, to: Labels([("l", value)]))
        }
        let expected = ["B", "a", "aa", "b", "e\u{301}", "\u{e9}"].map { Array($0.utf8) }
        #expect(head.labelValues("l", [], .all).map { Array($0.utf8) } == expected)
        let selected = head.select([], .all).compactMap { $0.labels.value(of: "l") }
        #expect(Set(selected.map { Array($0.utf8) }) == Set(expected))
    }

    @Test func `a series without labels is a series`() throws {
        let head = TestHead(settings: .small)
        _ = try head.add(1, 1, to: .empty)
        #expect(head.series([], .all) == [.empty])
        #expect(head.labelNames([], .all).isEmpty)
    }

    @Test func `names and values come from living series with samples in the range only`() throws {
        let head = TestHead(settings: .small)
        for (id, pod, times) in [
            ("1", "a", [100, 900]), ("2", "a", [200]), ("3", "b", [300]), ("4", "", [950]),
        ] as [(String, String, [Int64])] {
            for time in times {
                _ = try head.add(time, 1, to: Labels([("id", id), ("pod", pod)]))
            }
        }
        let twoThree = try LabelMatcher(name: "id", operation: .matches, value: "2|3")
        for (start, end, pods, matched) in [
            (0, 1000, ["a", "b"], ["a", "b"]), (0, 250, ["a"], ["a"]), (101, 200, [], []),
            (250, 301, ["b"], ["b"]), (301, 901, ["a"], []), (901, 951, [], []),
        ] as [(Int64, Int64, [String], [String])] {
            let range = TimeRange(start: start, end: end)
            #expect(head.labelValues("pod", [], range) == pods)
            #expect(head.labelValues("pod", [twoThree], range) == matched)
            #expect(head.labelNames([twoThree], range) == (matched.isEmpty ? [] : ["id", "pod"]))
            let names = head.labelNames([], range)
            #expect(names.contains("pod") == !pods.isEmpty)
            #expect(names.contains("id") == !head.series([], range).isEmpty)
        }
        #expect(head.beginCut(id: 1, before: 1000))
        #expect(head.labelValues("pod", [], .all) == ["a", "b"])
        head.head.finishCut(1)
        #expect(head.labelValues("pod", [], .all).isEmpty)
        #expect(head.labelNames([], .all).isEmpty)
        #expect(head.labelNames([twoThree], .all).isEmpty)
    }

    @Test func `names and values of many series are found among the newest`() throws {
        let head = TestHead(settings: .small)
        for number in 0..<1200 {
            let labels: Labels = ["id": "\(number)", "all": "1", "old": "1", "kind": "a"]
            _ = try head.add(100, 1, to: labels)
        }
        for number in 1200..<1240 {
            let labels: Labels = ["id": "\(number)", "all": "1", "kind": "a", "new": "1"]
            _ = try head.add(900, 1, to: labels)
        }
        _ = try head.add(900, 1, to: ["id": "0", "all": "1", "kind": "b"])
        let late = TimeRange(start: 500, end: 1000)
        #expect(head.labelNames([], late) == ["all", "id", "kind", "new"])
        #expect(head.labelNames([], .all) == ["all", "id", "kind", "new", "old"])
        #expect(head.labelValues("kind", [], late) == ["a", "b"])
        #expect(head.labelValues("old", [], late).isEmpty)
        #expect(head.labelValues("id", [], late).count == 41)
        #expect(head.labelValues("all", [], TimeRange(start: 200, end: 500)).isEmpty)
    }

    @Test func `no series is asked about times of which nothing is in memory`() throws {
        let head = TestHead(settings: .small)
        for number in 0..<50 {
            let labels: Labels = ["id": "\(number)"]
            _ = try head.add(100, 1, to: labels)
            _ = try head.add(2100, 1, to: labels)
        }
        let (first, second) = (TimeRange(start: 0, end: 1000), TimeRange(start: 2000, end: 2050))
        func asked(_ range: TimeRange) -> Int { head.head.search([], range).leftCount }
        #expect(asked(first) == 50)
        #expect(asked(second) == 50)
        #expect(asked(TimeRange(start: 1000, end: 2000)) == 0)
        #expect(asked(TimeRange(start: 3000, end: .max)) == 0)
        // What is being stored can still be read.
        #expect(head.beginCut(id: 1, before: 1000))
        #expect(head.series([], first).count == 50)
        head.head.finishCut(1)
        #expect(asked(first) == 0)
        #expect(asked(.all) == 50)
        #expect(head.labelNames([], first).isEmpty)
        #expect(head.labelNames([], .all) == ["id"])
        // A late sample brings its time back.
        #expect(try head.add(500, 1, to: ["id": "7"]) == .stored)
        #expect(head.series([], first) == [["id": "7"]])
    }

    @Test func `an answer about labels holds while all its witnesses are in memory`() throws {
        let head = TestHead(settings: .small)
        for (id, time) in [("1", 150), ("2", 250), ("3", 350)] as [(String, Int64)] {
            _ = try head.add(time, 1, to: ["id": id])
        }
        let answer = try #require(head.lastingAnswer("id", TimeRange(start: 100, end: 400)))
        #expect(answer.strings == ["1", "2", "3"])
        let names = try #require(head.lastingAnswer(nil, .all))
        #expect(names.strings == ["id"])
        for (start, end, holds) in [
            (100, 400, true), (150, 351, true), (0, 9000, true), (151, 351, false),
            (150, 350, false), (500, 600, false),
        ] as [(Int64, Int64, Bool)] {
            #expect(head.holds(answer, in: TimeRange(start: start, end: end)) == holds)
        }
        // Newer samples of the same series change nothing; a series with another value does.
        _ = try head.add(450, 1, to: ["id": "1"])
        #expect(head.holds(answer, in: .all))
        _ = try head.add(450, 1, to: ["id": "4"])
        #expect(!head.holds(answer, in: .all))
        #expect(head.holds(names, in: .all))
        // One value without a sample in the range, and there is no proof for other ranges.
        #expect(head.lastingAnswer("id", TimeRange(start: 200, end: 400)) == nil)
        let four = try #require(head.lastingAnswer("id", .all))
        #expect(four.strings == ["1", "2", "3", "4"])
        #expect(head.beginCut(id: 1, before: 1000))
        #expect(head.holds(four, in: .all))
        head.head.finishCut(1)
        #expect(!head.holds(four, in: .all))
        #expect(!head.holds(names, in: .all))
    }
}
