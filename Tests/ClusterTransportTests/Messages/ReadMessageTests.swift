import ChunkCoding
import ClusterInterface
import MetricsModel
import Testing

@testable import ClusterTransport

@Suite struct ReadMessageTests {
    @Test func `a request is the same after a round trip`() throws {
        let request = SelectRequest(
            tenant: try TenantID("team-a"),
            matchers: [
                LabelMatcher(name: "__name__", equals: "up"),
                try LabelMatcher(name: "a", operation: .notEqual, value: ""),
                try LabelMatcher(name: "b", operation: .matches, value: "x.*|größe"),
                try LabelMatcher(name: "", operation: .notMatches, value: "[a-c]+"),
            ],
            range: TimeRange(start: .min, end: 17)
        )
        for label in ["", "instance"] {
            let message = SelectMessage(request, label: label)
            #expect(try SelectMessage(decoding: message.encoded()) == message)
        }
    }

    @Test func `the bytes of a request of version 1 stay as they are`() throws {
        let request = SelectRequest(
            tenant: try TenantID("t"),
            matchers: [try LabelMatcher(name: "a", operation: .matches, value: "b+")],
            range: TimeRange(start: 1, end: 258)
        )
        let golden: [UInt8] = [
            1, 4, 0, 0, 1, 0, 0, 0, 0x74,
            1, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 0x6c, 1, 0, 0, 0,
            2, 1, 0, 0, 0, 0x61, 2, 0, 0, 0, 0x62, 0x2b,
        ]
        #expect(SelectMessage(request, label: "l").encoded() == golden)
        #expect(try SelectMessage(decoding: golden) == SelectMessage(request, label: "l"))
    }

    @Test func `an expression that is none is refused`() throws {
        let matcher = try LabelMatcher(name: "a", operation: .equal, value: "(")
        let request = SelectRequest(tenant: .anonymous, matchers: [matcher], range: .all)
        var bytes = SelectMessage(request).encoded()
        let operation = bytes.count - 1 - 4 - 1 - 4 - 1
        #expect(bytes[operation] == 0)
        bytes[operation] = 2
        do {
            let message = try SelectMessage(decoding: bytes)
            Issue.record("decoded \(message)")
        } catch {
            guard case .invalidMatcher = error else { throw error }
        }
    }

    @Test func `lists are the same after a round trip`() throws {
        let series = (0..<50).map { SelectedSeries.numbered($0, chunks: $0 % 4) }
        let decoded = try ListMessage<SelectedSeries>(decoding: ListMessage(series).encoded())
        #expect(decoded.items == series)
        let labels = series.map(\.labels) + [.empty]
        #expect(try ListMessage<Labels>(decoding: ListMessage(labels).encoded()).items == labels)
        let texts = ["", "a", "größe", "\u{0}"]
        #expect(try ListMessage<String>(decoding: ListMessage(texts).encoded()).items == texts)
    }

    @Test func `the bytes of a series list of version 1 stay as they are`() throws {
        let series = SelectedSeries(
            labels: ["a": "b"],
            chunks: [EncodedChunk(minTime: -1, maxTime: 2, count: 3, bytes: [7, 8])]
        )
        let golden: [UInt8] = [
            1, 5, 0, 0, 1, 0, 0, 0,
            8, 0, 0, 0, 0x0a, 6, 0x0a, 1, 0x61, 0x12, 1, 0x62,
            1, 0, 0, 0,
            255, 255, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 0, 0, 0,
            3, 0, 0, 0, 2, 0, 0, 0, 7, 8,
        ]
        #expect(ListMessage([series]).encoded() == golden)
        #expect(try ListMessage<SelectedSeries>(decoding: golden).items == [series])
    }

    @Test func `labels that are not canonical are refused`() {
        let labels = Labels(unchecked: [0x0a, 6, 0x0a, 1, 0x61, 0x12, 1])
        let bytes = ListMessage([labels]).encoded()
        #expect(throws: WireError.invalidLabels(.malformed(offset: 0))) {
            try ListMessage<Labels>(decoding: bytes)
        }
    }

    @Test func `a message of another kind is refused`() {
        let bytes = ListMessage(["a"]).encoded()
        #expect(throws: WireError.unexpectedKind(expected: 6, found: 7)) {
            try ListMessage<Labels>(decoding: bytes)
        }
    }

    @Test func `bytes after the end are refused`() {
        let bytes = ListMessage(["a"]).encoded() + [0]
        #expect(throws: WireError.trailingBytes(1)) { try ListMessage<String>(decoding: bytes) }
    }

    @Test(arguments: [1, 60, 200, 1000, 1_000_000])
    func `pieces put together are the list`(size: Int) {
        let series = (0..<40).map { SelectedSeries.numbered($0, chunks: 1 + $0 % 5) }
        let pieces = series.pieces(ofSize: size)
        var joined: [SelectedSeries] = []
        for piece in pieces { joined.appendPiece(piece) }
        #expect(joined == series)
        for piece in pieces where piece.count > 1 {
            #expect(piece.reduce(0) { $0 + $1.encodedSize } <= size)
        }
        #expect([String]().pieces(ofSize: size).isEmpty)
    }
}
