import MetricsModel
import TestSupport
import Testing

@Suite struct LabelsTests {
    @Test func `a key is the bytes of remote write`() {
        let labels: Labels = ["job": "api", "__name__": "up"]
        let key: [UInt8] =
            [0x0a, 14, 0x0a, 8] + Array("__name__".utf8) + [0x12, 2] + Array("up".utf8)
            + [0x0a, 10, 0x0a, 3] + Array("job".utf8) + [0x12, 3] + Array("api".utf8)
        #expect(labels.key == key)
    }

    @Test func `long values take lengths of several bytes`() throws {
        let value = String(repeating: "v", count: 20_000)
        let labels: Labels = ["a": value]
        #expect(labels.value(of: "a") == value)
        #expect(try Labels(validating: labels.key) == labels)
    }

    @Test func `empty values are absent labels, and the last of equal names wins`() {
        let labels = Labels([("a", "1"), ("b", ""), ("a", "2"), ("c", "3"), ("c", "")])
        #expect(labels.pairs.map(\.name) == ["a"])
        #expect(labels.value(of: "a") == "2")
        #expect(labels.value(of: "b") == nil)
    }

    @Test(arguments: 0..<200)
    func `any pairs survive the key, sorted by the bytes of their names`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pairs = Self.randomPairs(using: &generator)
        let labels = Labels(pairs.shuffled(using: &generator))
        let expected = pairs.sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        #expect(labels.pairs.map(\.name) == expected.map(\.0))
        #expect(labels.pairs.map(\.value) == expected.map(\.1))
        #expect(labels.count == pairs.count)
        #expect(try Labels(validating: labels.key) == labels)
        for (name, value) in pairs { #expect(labels.value(of: name) == value) }
    }

    @Test(arguments: 0..<200)
    func `a label that is set stands where it belongs, and an empty one is gone`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pairs = Self.randomPairs(using: &generator)
        let labels = Labels(pairs)
        for (name, value) in pairs + [("", "x"), ("a", "1"), ("~", "2"), ("\u{10FFFF}", "3")]
        where !name.isEmpty {
            for text in ["", value, String(repeating: "long", count: 100)] {
                let expected = Labels(pairs.filter { $0.0 != name } + [(name, text)])
                let found = labels.setting(name, to: text)
                #expect(found == expected)
                #expect(try Labels(validating: found.key) == found)
            }
        }
    }

    @Test(arguments: 0..<100)
    func `a projection keeps what its names say`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pairs = Self.randomPairs(using: &generator)
        let chosen = pairs.map(\.0).filter { _ in Bool.random(using: &generator) } + ["none"]
        let dropped = pairs.map(\.0).filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
        let names = LabelNameSet(chosen)
        var key: [UInt8] = [1, 2, 3]
        for (projection, keeps) in [
            (LabelProjection(keeping: names), true), (LabelProjection(dropping: names), false),
        ] {
            projection.project(Labels(pairs), replacing: &key)
            #expect(key == Labels(pairs.filter { chosen.contains($0.0) == keeps }).key)
            projection.after(dropping: LabelNameSet(dropped)).project(
                Labels(pairs),
                replacing: &key
            )
            let rest = pairs.filter {
                chosen.contains($0.0) == keeps && !dropped.contains($0.0)
            }
            #expect(key == Labels(rest).key)
        }
        #expect(LabelProjection(keeping: LabelNameSet([String]())).isEmpty)
        #expect(!LabelProjection(dropping: LabelNameSet([String]())).isEmpty)
    }

    @Test(arguments: 0..<200)
    func `order is by names and values, not by the bytes of the key`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let left = Self.randomPairs(using: &generator)
        let right = seed % 3 == 0 ? left : Self.randomPairs(using: &generator)
        let (leftLabels, rightLabels) = (Labels(left), Labels(right))
        #expect((leftLabels < rightLabels) == Self.precedes(leftLabels, rightLabels))
        #expect(
            (leftLabels == rightLabels)
                == (!(leftLabels < rightLabels) && !(rightLabels < leftLabels))
        )
    }

    @Test(arguments: 0..<100)
    func `order is the same where most labels are equal`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let names = (0..<Int.random(in: 1...12, using: &generator)).map { "name_\($0)" }
        // Lengths of labels whose lengths take one byte, and two.
        let lengths = [1, 2, 7, 8, 9, 40, 120, 121, 122, 127, 128, 300, 17_000]
        func labels() -> Labels {
            Labels(
                names.compactMap { name in
                    guard Int.random(in: 0..<12, using: &generator) > 0 else { return nil }
                    let isCommon = Int.random(in: 0..<6, using: &generator) > 0
                    let length =
                        isCommon
                        ? 60 : (lengths.randomElement(using: &generator) ?? 1)
                    let last =
                        isCommon ? "v" : ["a", "b", "\u{E9}"].randomElement(using: &generator)
                    return (name, String(repeating: "v", count: length - 1) + (last ?? ""))
                }
            )
        }
        let sets = (0..<24).map { _ in labels() }
        for left in sets {
            for right in sets {
                let isBefore = left < right
                #expect(isBefore == Self.precedes(left, right))
                if isBefore { #expect(!(right < left)) }
            }
        }
    }

    @Test func `a shorter value sorts before its extension whatever the lengths' bytes are`() {
        let short: Labels = ["a": "b"]
        let long: Labels = ["a": "ab"]
        #expect(long < short)
        #expect((["a": "x"] as Labels) < ["a": "x", "b": "y"])
    }

    @Test(arguments: 0..<50)
    func `keeping and dropping split a label set`(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let pairs = Self.randomPairs(using: &generator)
        let labels = Labels(pairs)
        let chosen = pairs.map(\.0).filter { _ in Bool.random(using: &generator) }
        let set = LabelNameSet(chosen)
        #expect(labels.keeping(set) == Labels(pairs.filter { chosen.contains($0.0) }))
        #expect(labels.dropping(set) == Labels(pairs.filter { !chosen.contains($0.0) }))
        #expect(try Labels(validating: labels.dropping(set).key) == labels.dropping(set))
    }

    @Test func `setting a label adds, replaces and removes`() {
        let labels: Labels = ["a": "1"]
        #expect(labels.setting("b", to: "2") == ["a": "1", "b": "2"])
        #expect(labels.setting("a", to: "2") == ["a": "2"])
        #expect(labels.setting("a", to: "").isEmpty)
    }

    @Test func `bytes that are no canonical key are refused with the reason`() {
        let sorted: Labels = ["a": "1", "b": "2"]
        let swapped = Array(sorted.key[8...]) + sorted.key[..<8]
        #expect(throws: LabelsError.notSorted("a")) { try Labels(validating: swapped) }
        let twice = Array(sorted.key[..<8] + sorted.key[..<8])
        #expect(throws: LabelsError.duplicateName("a")) { try Labels(validating: twice) }
        #expect(throws: LabelsError.emptyName(offset: 0)) {
            try Labels(validating: [0x0a, 5, 0x0a, 0, 0x12, 1, 0x31])
        }
        #expect(throws: LabelsError.emptyValue(name: "a")) {
            try Labels(validating: [0x0a, 5, 0x0a, 1, 0x61, 0x12, 0])
        }
        #expect(throws: LabelsError.malformed(offset: 0)) {
            try Labels(validating: [0x0a, 0x87, 0x00] + sorted.key[2..<8])
        }
    }

    @Test func `truncated and damaged keys never trap, and never gain a second spelling`() {
        let labels: Labels = ["__name__": "up", "instance": "host:9090", "job": "a"]
        for count in labels.key.indices {
            let part = Array(labels.key[..<count])
            if let prefix = try? Labels(validating: part) {
                #expect(Labels(prefix.pairs.map { ($0.name, $0.value) }).key == part)
            }
        }
        for position in labels.key.indices {
            for bit in 0..<8 {
                var damaged = labels.key
                damaged[position] ^= 1 << UInt8(bit)
                guard let read = try? Labels(validating: damaged) else { continue }
                // Text that is no UTF-8 does not survive strings.
                let isText = read.pairs.allSatisfy {
                    !($0.name + $0.value).unicodeScalars.contains("\u{fffd}")
                }
                guard isText else { continue }
                #expect(Labels(read.pairs.map { ($0.name, $0.value) }).key == damaged)
            }
        }
    }

    @Test func `a description reads as Prometheus writes it`() {
        #expect(
            (["job": "a", "__name__": "up"] as Labels).description
                == "{__name__=\"up\", job=\"a\"}"
        )
    }

    private static func randomPairs(
        using generator: inout SeededGenerator
    ) -> [(String, String)] {
        let alphabet = ["a", "b", "_", "é", "9", "日"]
        func text(_ sizes: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
            (0..<Int.random(in: sizes, using: &generator))
                .map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
                .joined()
        }
        var pairs: [String: String] = [:]
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let longest = Bool.random(using: &generator) ? 3 : 200
            pairs[text(1...3, &generator)] = text(1...longest, &generator)
        }
        return pairs.sorted { $0.key < $1.key }
    }

    private static func precedes(_ left: Labels, _ right: Labels) -> Bool {
        for (left, right) in zip(left.pairs, right.pairs) {
            if left.name != right.name {
                return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
            }
            if left.value != right.value {
                return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
            }
        }
        return left.count < right.count
    }
}
