import MetricsModel
import NIOCore
import Testing

@testable import PrometheusAPI

@Suite struct PlainTextTests {
    @Test(arguments: 0...UInt8.max)
    func `a byte is plain wherever it stands if JSON takes it as it is`(byte: UInt8) {
        let isPlain =
            (0x20..<0x7F).contains(byte) && !"\"\\<>&".utf8.contains(byte)
        for count in 1...17 {
            for position in 0..<count {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                text[position] = byte
                #expect(text.withUnsafeBufferPointer { PlainText.isPlain($0) } == isPlain)
            }
        }
    }

    @Test func `every pair of neighbours is judged by both`() {
        let plain = (0...UInt8.max).map { byte in
            withUnsafePointer(to: byte) {
                PlainText.isPlain(UnsafeBufferPointer(start: $0, count: 1))
            }
        }
        for left in 0...255 {
            for right in 0...255 {
                let text = [UInt8](repeating: 0x61, count: 3) + [UInt8(left), UInt8(right), 0x61]
                let found = text.withUnsafeBufferPointer { PlainText.isPlain($0) }
                if found != (plain[left] && plain[right]) { Issue.record("\(left) \(right)") }
            }
        }
    }

    @Test func `labels read the same whether they are plain or not`() {
        let long = String(repeating: "v", count: 20_000)
        for (labels, json) in [
            (.empty, "{}"), (["a": "b"], "{\"a\":\"b\"}"),
            (["a": "b", "c": "<"], "{\"a\":\"b\",\"c\":\"\\u003c\"}"),
            (["a": "é", "b": long], "{\"a\":\"é\",\"b\":\"\(long)\"}"),
            (["a": long, "b": long], "{\"a\":\"\(long)\",\"b\":\"\(long)\"}"),
        ] as [(Labels, String)] {
            var buffer = JSONBuffer(capacity: 1)
            buffer.raw("[")
            buffer.labels(labels)
            buffer.raw("]")
            #expect(String(buffer: buffer.bytes) == "[\(json)]")
        }
    }
}
