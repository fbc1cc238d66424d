import Foundation
import Testing

@testable import WriteAheadLog

@Suite struct GoldenSegmentTests {
    @Test func `segments of version 1 stay as they are`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/segment-v1.wal")
        let fixture = try SegmentFixture(number: 42, salt: 0x0123_4567_89ab_cdef)
        let golden = [UInt8](try Data(contentsOf: file))
        #expect(fixture.bytes == golden)
        let (records, report) = SegmentFixture.read(golden)
        #expect(records == fixture.expected)
        #expect(report == SegmentReport(number: 42, recordCount: 5))
    }
}
