import Foundation
import Logging
import ServiceSupport
import Synchronization
import Testing

@Suite struct ServiceLogHandlerTests {
    /// Collects lines in place of standard error.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])

        func append(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private let lines = Lines()

    /// A logger whose clock stands at 2026-01-02T03:04:05.678Z.
    private func logger(_ format: LogFormat, _ level: Logger.Level = .info) -> Logger {
        Logger(label: "engram.ingester") { [lines] label in
            ServiceLogHandler(
                label: label,
                format: format,
                level: level,
                clock: { 1_767_323_045_678 },
                write: { lines.append($0) }
            )
        }
    }

    @Test func `a JSON line is exactly this`() {
        var logger = logger(.json)
        logger[metadataKey: "tenant"] = "team-a"
        logger.info(
            "block flushed",
            metadata: ["blockID": "b\"1\n", "sizes": [.stringConvertible(3), "x"], "level": "9"]
        )
        #expect(
            lines.all == [
                #"{"time":"2026-01-02T03:04:05.678Z","level":"info","message":"block flushed","#
                    + #""logger":"engram.ingester","block_id":"b\"1\n","field_level":"9","#
                    + #""sizes":["3","x"],"tenant":"team-a"}"# + "\n"
            ]
        )
    }

    @Test func `a text line is exactly this`() {
        logger(.text).warning(
            "store\nslow",
            metadata: ["error": "timed out", "block": "b1", "empty": "", "d": ["k": "v"]]
        )
        #expect(
            lines.all == [
                #"2026-01-02T03:04:05.678Z warning  store\nslow block=b1 d={"k":"v"} empty="" "#
                    + #"error="timed out""# + "\n"
            ]
        )
    }

    @Test func `messages below the level are not written`() {
        logger(.json, .warning).info("started")
        #expect(lines.all.isEmpty)
    }

    @Test func `a line reaches the file whole`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let line = String(repeating: "é", count: 2000) + "\n"
        StandardError.write(line, to: ends[1])
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(ends[0], &bytes, bytes.count)
        close(ends[0])
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == line)
        // A closed file loses the line and nothing else.
        StandardError.write(line, to: -1)
    }

    @Test(arguments: LogFormat.allCases)
    func `a line is bounded and stays whole`(format: LogFormat) throws {
        let long = String(repeating: "é\u{1}", count: 5000)
        var metadata: Logger.Metadata = [:]
        for index in 0..<50 { metadata["key\(index)"] = .string(long) }
        metadata["z"] = "last"
        logger(format).error("\(long)", metadata: metadata)
        logger(format).error("many", metadata: ["a": .string(String(repeating: "a", count: 9000))])
        for line in lines.all {
            #expect(line.utf8.count <= 4096)
            #expect(line.utf8.count { $0 == 0x0A } == 1)
            #expect(line.hasSuffix("\n"))
        }
        #expect(lines.all[0].contains("truncated"))
        #expect(lines.all[1].contains("aaaa…"))
        #expect(!lines.all[1].contains("truncated"))
        guard format == .json else { return }
        for line in lines.all {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let fields = try #require(object as? [String: Any])
            #expect(fields["level"] as? String == "error")
        }
    }

    @Test func `every character survives in JSON`() throws {
        let text = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init)))
        logger(.json).info("x", metadata: ["first": .string(String(text.prefix(300))), "e": "🙂"])
        let object = try JSONSerialization.jsonObject(with: Data(lines.all[0].utf8))
        let fields = try #require(object as? [String: String])
        #expect(fields["first"] == String(text.prefix(300)))
        #expect(fields["e"] == "🙂")
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func `times are RFC 3339 with milliseconds`(milliseconds: Int64, text: String) {
        #expect(LogTimestamp.text(milliseconds: milliseconds) == text)
    }
}
