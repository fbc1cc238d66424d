import Foundation
import Testing

@testable import ClusterTransport

/// Messages as processes of a version sent them, in `Recorded`: what was sent once is understood for ever, and what the
/// next version sends is understood by this one.
///
/// With `ENGRAM_RECORD_RPC=1` files that are missing are written, and no others.
@Suite struct RecordedMessageTests {
    @Test(arguments: RecordedMessage.all)
    func `a message of version 1 is written and read as it was recorded`(
        message: RecordedMessage
    ) throws {
        let recorded = try Self.bytes(of: message.name, version: "v1") { message.bytes }
        #expect(recorded[0] == 1)
        #expect(message.bytes == recorded)
        #expect(try message.isRead(recorded))
    }

    @Test(arguments: RecordedMessage.all)
    func `a message of the next version is read, what it adds is left out`(
        message: RecordedMessage
    ) throws {
        let recorded = try Self.bytes(of: message.name, version: "next") {
            NextVersion.form(of: message.bytes)
        }
        #expect(recorded[0] == WireHeader.version + 1)
        #expect(recorded.count > message.bytes.count)
        #expect(try message.isRead(recorded))
    }

    @Test(arguments: RecordedMessage.all)
    func `a message two versions ahead is refused, and so is none of any version`(
        message: RecordedMessage
    ) throws {
        for version in [0, WireHeader.version + 2, 255] {
            var bytes = message.bytes
            bytes[0] = version
            #expect(throws: WireError.unsupportedVersion(found: version)) {
                try message.isRead(bytes)
            }
        }
        let error = WireError.unsupportedVersion(found: 3)
        #expect(error.description.contains("version 3, this program speaks 1 and reads 1 to 2"))
    }

    @Test(arguments: RecordedMessage.all)
    func `a message that needs what is not known is refused whatever its version`(
        message: RecordedMessage
    ) throws {
        for version in [WireHeader.version, WireHeader.version + 1] {
            var bytes = message.bytes
            bytes[0] = version
            bytes[2] = 4
            #expect(throws: WireError.unknownNeeds(4)) { try message.isRead(bytes) }
        }
    }

    /// A truncated message must not pass for a shorter one with something added.
    @Test(arguments: RecordedMessage.all)
    func `what this version knows must be whole in a message of the next one`(
        message: RecordedMessage
    ) throws {
        for size in 0..<message.bytes.count {
            var bytes = [UInt8](message.bytes.prefix(size))
            if size > 0 { bytes[0] = WireHeader.version + 1 }
            #expect(throws: WireError.self, "\(size) bytes") { try message.isRead(bytes) }
        }
    }

    @Test func `bytes behind a message of this version are refused`() {
        for message in RecordedMessage.all {
            #expect(throws: WireError.trailingBytes(1)) { try message.isRead(message.bytes + [0]) }
        }
    }

    @Test func `a reply of a status of the next version fails its batch`() throws {
        let recorded = try Self.bytes(of: "reply-unknown-status", version: "next") {
            [2, 2, 0, 0, 9, 77, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]
        }
        guard case .failure(sequence: 77, .other(let text)) = try PushReply(decoding: recorded)
        else {
            Issue.record("read as \(try PushReply(decoding: recorded))")
            return
        }
        #expect(text.contains("status 9"))
        var old = recorded
        old[0] = 1
        #expect(throws: WireError.invalidField("status", found: 9)) { try PushReply(decoding: old) }
    }

    @Test func `a failure of a code of the next version is one in words`() throws {
        let recorded = try Self.bytes(of: "failure-unknown-code", version: "next") {
            var bytes = RemoteFailure.other("no more today").encoded()
            bytes[0] = 2
            bytes[4] = 200
            return bytes
        }
        #expect(try RemoteFailure(decoding: recorded) == .other("no more today"))
        var old = recorded
        old[0] = 1
        #expect(throws: WireError.invalidField("error", found: 200)) {
            try RemoteFailure(decoding: old)
        }
    }

    @Test func `every recorded file has its message`() throws {
        let names = Set(RecordedMessage.all.map(\.name))
        for (version, others) in [
            ("v1", []), ("next", ["reply-unknown-status", "failure-unknown-code"]),
        ] {
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder(version))
            let found = Set(files.map { String($0.split(separator: ".")[0]) })
            #expect(found == names.union(others), "\(version)")
        }
    }

    /// The bytes of a file, 16 to a line as hexadecimal digits.
    private static func bytes(
        of name: String,
        version: String,
        recording: () -> [UInt8]
    ) throws -> [UInt8] {
        let path = folder(version) + "/\(name).hex"
        if ProcessInfo.processInfo.environment["ENGRAM_RECORD_RPC"] == "1",
            !FileManager.default.fileExists(atPath: path)
        {
            try FileManager.default.createDirectory(
                atPath: folder(version),
                withIntermediateDirectories: true
            )
            try text(of: recording()).write(toFile: path, atomically: true, encoding: .utf8)
        }
        let words = try String(contentsOfFile: path, encoding: .utf8)
            .split(whereSeparator: \.isWhitespace)
        return try words.map { try #require(UInt8($0, radix: 16), "\($0) in \(path)") }
    }

    private static func text(of bytes: [UInt8]) -> String {
        var text = ""
        for (index, byte) in bytes.enumerated() {
            text += String(format: "%02x", byte)
            text += index % 16 == 15 || index == bytes.count - 1 ? "\n" : " "
        }
        return text
    }

    private static func folder(_ version: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Recorded/\(version)").path
    }
}

/// What the version after this one may make of a message.
enum NextVersion {
    /// The same with the next version's byte, and with fields behind those that this version knows.
    static func form(of bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes[0] = WireHeader.version + 1
        return bytes + [0x2a, 0, 0, 0] + Array("more to say".utf8) + [0xff, 0x00, 0xfe]
    }
}
