import BlockFormat
import ClusterInterface
import MetricsModel
import Testing

@testable import BlockInspection

@Suite struct BlockInspectionTests {
    private let store = MemoryStore()
    private let tenants: [TenantID]

    init() throws { tenants = try ["a", "b"].map { try TenantID($0) } }

    private func verify(
        _ selector: BlockSelector = BlockSelector()
    ) async throws -> (
        report: BlockVerifier.Report, lines: [String], progress: [BlockVerifier.Progress]
    ) {
        var lines: [String] = []
        var progress: [BlockVerifier.Progress] = []
        let report = try await BlockVerifier(store: store, concurrency: 3).verify(
            try await selector.blocks(of: store, store)
        ) { event in
            switch event {
            case .damage(let found): lines += found
            case .progress(let step): progress.append(step)
            }
        }
        return (report, lines, progress)
    }

    @Test func `sound blocks are verified, and the progress ends at all of it`() async throws {
        for number in 0..<7 {
            try store.add(tenants[number % 2], number: UInt64(number), seriesCount: 1 + number * 30)
        }
        let (report, lines, progress) = try await verify()
        #expect(report == .init(verified: 7))
        #expect(lines.isEmpty)
        #expect(progress.last?.share == 1 && progress.last?.verifiedBlocks == 7)
        #expect(
            zip(progress, progress.dropFirst()).allSatisfy { $0.verifiedSize <= $1.verifiedSize }
        )
    }

    @Test func `damage is named with block, section, page and offset, and the others are verified`()
        async throws
    {
        let sound = try store.add(tenants[0], number: 1)
        let flipped = try store.add(tenants[0], number: 2)
        let torn = try store.add(tenants[1], number: 3)
        let wrong = try store.add(tenants[1], number: 4)
        store.change(flipped.id) { $0.body[$0.body.count - 1] ^= 4 }
        store.lose(torn.size - 5..<torn.size, of: torn.id)
        store.change(wrong.id) { $0.record.seriesCount += 1 }
        let (report, lines, _) = try await verify()
        #expect(report == .init(verified: 4, damaged: 3))
        #expect(lines.count == 3)
        #expect(
            lines.contains {
                $0.hasPrefix(
                    "block \(flipped.id) of tenant a: section digests, page 0, offset 0: the checksum is "
                )
            }
        )
        #expect(
            lines.contains {
                $0.hasPrefix(
                    "block \(torn.id) of tenant b: section digests, page 0, offset 0: bytes are missing: "
                )
            }
        )
        #expect(
            lines.contains {
                $0.hasPrefix(
                    "block \(wrong.id) of tenant b: section directory, page 0, offset 0: the number of series"
                )
            }
        )
        #expect(!lines.contains { $0.contains("\(sound.id)") })
    }

    @Test func `a block that leaves the catalog meanwhile is no damage`() async throws {
        let record = try store.add(tenants[0], number: 1)
        let blocks = [record]
        store.remove(record.id)
        let report = try await BlockVerifier(store: store, concurrency: 1).verify(blocks) { _ in }
        #expect(report == .init(gone: 1))
    }

    @Test func `a store that does not answer is an error, not damage`() async throws {
        try store.add(tenants[0], number: 1)
        store.setAway()
        await #expect(throws: StoreError.unavailable("no answer")) { _ = try await verify() }
    }

    @Test func `a tenant, a name and a range choose blocks`() async throws {
        for number in 0..<6 {
            try store.add(
                tenants[number % 2],
                number: UInt64(number),
                start: Int64(number) * 100_000
            )
        }
        func found(_ change: (inout BlockSelector) -> Void) async throws -> [UInt64] {
            var selector = BlockSelector()
            change(&selector)
            return try await selector.blocks(of: store, store).map(\.id.low)
        }
        #expect(try await found { _ in } == [0, 2, 4, 1, 3, 5])
        #expect(try await found { $0.tenant = tenants[1] } == [1, 3, 5])
        #expect(try await found { $0.block = "\(BlockID(high: 0xAB, low: 3))" } == [3])
        #expect(try await found { $0.block = "00000000000000ab" }.count == 6)
        #expect(try await found { $0.range = TimeRange(start: 205_000, end: 300_001) } == [2, 3])
    }

    @Test func `the table has a line for each block and totals`() async throws {
        let record = try store.add(tenants[0], number: 1, start: 1_700_000_000_000)
        let table = BlockTable([record, record])
        let lines = table.text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(
            lines[0].split(separator: " ").map(String.init) == [
                "TENANT", "BLOCK", "FROM", "TO", "LEVEL", "SERIES", "SAMPLES", "BYTES",
                "BYTES/SAMPLE",
            ]
        )
        #expect(
            lines[1].split(separator: " ").map(String.init) == [
                "a", "00000000000000ab0000000000000001", "2023-11-14T22:13:20Z",
                "2023-11-14T22:13:29.001Z", "0", "3", "30", "\(record.size)",
                TextTable.decimal(Double(record.size) / 30),
            ]
        )
        #expect(Set(lines.map(\.count)).count == 1, "\(table.text)")
        #expect(lines[3].hasPrefix("total   2 blocks"))
        #expect(
            BlockTable([record]).json == """
                {"tenant":"a","block":"00000000000000ab0000000000000001","start":1700000000000,\
                "end":1700000009001,"level":0,"series":3,"samples":30,"bytes":\(record.size)}

                """
        )
    }

    @Test func `samples in the range are a line of JSON for each series`() async throws {
        let record = try store.add(tenants[0], number: 1, start: 3000)
        var lines: [String] = []
        try await BlockDump(store: store).samples(
            of: record,
            in: TimeRange(start: 4000, end: 6000)
        ) { lines.append($0) }
        #expect(
            lines
                == ["m0:p0", "m0:p2", "m1:p1"].map {
                    let parts = $0.split(separator: ":")
                    return "{\"metric\":{\"__name__\":\"\(parts[0])\",\"pod\":\"\(parts[1])\"},"
                        + "\"timestamps\":[4000,5000],\"values\":[\(4000.0 / 3),\(5000.0 / 3)]}\n"
                }
        )
    }

    @Test func `what JSON has no number for, histograms and starts are written too`() throws {
        var samples = SampleColumns(
            timestamps: [1, 2, 3, 4],
            values: [.nan, .infinity, -.infinity, StaleMarker.value]
        )
        samples.startTimestamps = [0, 1, 1, 1]
        samples.histograms.timestamps = [5]
        samples.histograms.values = [Histogram()]
        #expect(
            SeriesLine.json(["a\"": "b\\\n"], samples, in: .all) == """
                {"metric":{"a\\"":"b\\\\\\u000a"},"timestamps":[1,2,3,4],\
                "values":["NaN","+Inf","-Inf","stale"],"starts":[0,1,1,1],\
                "histograms":[{"timestamp":5,"schema":0,"hint":"unknown","count":0.0,"sum":0.0,\
                "zero_threshold":0.0,"zero_count":0.0}]}

                """
        )
        #expect(SeriesLine.json(["a": "b"], samples, in: TimeRange(start: 9, end: 10)) == nil)
    }

    @Test func `the sections of a block come to its size`() async throws {
        let record = try store.add(tenants[0], number: 1, seriesCount: 50)
        let directory = try BlockDirectory(
            decoding: try await store.read(record, ranges: [record.directory])[0]
        )
        #expect(
            directory.sectionSizes.map(\.section) == [
                .directory, .labels, .timestamps, .values, .digests,
            ]
        )
        #expect(directory.sectionSizes.reduce(0) { $0 + $1.storedSize } == record.size)
        var text = ""
        try await BlockDump(store: store).structure(of: record, isJSON: false) { text += $0 }
        #expect(text.contains("2 metrics, 50 series, 500 samples, \(record.size) bytes"))
        for name in ["directory", "labels", "timestamps", "values", "digests"] {
            #expect(text.contains("\n\(name) "), "\(text)")
        }
        var json = ""
        try await BlockDump(store: store).structure(of: record, isJSON: true) { json += $0 }
        #expect(json.contains("\"labels\":{\"pages\":1,\"items\":50,"), "\(json)")
    }

    @Test func `a bar moves on a terminal, lines come elsewhere`() {
        var progress = BlockVerifier.Progress(blockCount: 4, size: 100 << 20)
        var bar = VerificationDisplay(isTerminal: true)
        var lines = VerificationDisplay(isTerminal: false)
        #expect(
            bar.show(.progress(progress)).error.contains("[------------------------------] 0 %")
        )
        #expect(lines.show(.progress(progress)).error == "")
        progress.verifiedSize = 50 << 20
        progress.verifiedBlocks = 2
        #expect(
            bar.show(.progress(progress)).error
                == "\r\u{1B}[K[###############---------------] 50 % · 2 of 4 blocks · 50 of 100 MiB"
        )
        #expect(lines.show(.progress(progress)).error == "50 % · 2 of 4 blocks · 50 of 100 MiB\n")
        #expect(lines.show(.progress(progress)).error == "")
        #expect(bar.show(.progress(progress)).error == "")
        let shown = bar.show(.damage(["x"]))
        #expect(shown.output == "x\n" && shown.error == "\r\u{1B}[K")
        #expect(bar.end() == "")
    }
}

@Suite struct BlocksCommandTests {
    @Test func `options are read, and the others are left for the configuration`() throws {
        let command = try BlocksCommand(arguments: [
            "dump", "--tenant", "t", "--store-url", "sqlite:x", "--from=2023-11-14T22:13:20Z",
            "--to", "1700000001.5", "--directory", "--json", "--block=00AB", "--config", "f",
        ])
        #expect(command.action == .dump && command.showsStructure && command.isJSON)
        #expect(command.selection.tenant?.name == "t")
        #expect(command.selection.block == "00ab")
        #expect(
            command.selection.range == TimeRange(start: 1_700_000_000_000, end: 1_700_000_001_500)
        )
        #expect(command.rest == ["--store-url", "sqlite:x", "--config", "f"])
    }

    @Test(
        arguments: [
            ("2023-11-14", 1_699_920_000_000), ("2023-11-14T22:13:20.250Z", 1_700_000_000_250),
            ("0", 0), ("-1", -1000), ("x", nil), ("1e300", nil), ("nan", nil),
        ] as [(String, Int64?)]
    )
    func `a time is seconds or a date`(text: String, expected: Int64?) {
        #expect(UTCTime.milliseconds(text) == expected)
    }

    @Test(arguments: [
        [], ["look"], ["list", "--tenant"], ["list", "--tenant", ""], ["list", "--block", "xyz"],
        ["verify", "--from", "never"],
    ])
    func `a command line that makes no sense is refused`(arguments: [String]) {
        #expect(throws: BlocksUsageError.self) { _ = try BlocksCommand(arguments: arguments) }
    }

    @Test func `times beyond calendars are shown as numbers`() {
        #expect(UTCTime.text(.max) == "9223372036854775807 ms")
        #expect(UTCTime.text(.min) == "-9223372036854775808 ms")
        #expect(UTCTime.text(0) == "1970-01-01T00:00:00Z")
    }
}
