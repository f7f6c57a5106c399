// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * A log from its end to its beginning, in pages. A page reads a bounded part of the log: so many bytes of plain files, or one compressed file,
 * which can only be read from its beginning.
 *
 * @param file the current file; rotated ones are beside it
 */
public record AuditHistory(Path file) {

    /**
     * A part of the log.
     *
     * @param records newest first; may be empty although there is more
     * @param next records before this number were not read; empty when nothing is left
     */
    public record Page(List<AuditRecord> records, OptionalLong next) {

        /** Copies the list. */
        public Page {
            records = List.copyOf(records);
        }
    }

    /**
     * The question for a page.
     *
     * @param before only records with smaller numbers
     * @param since reading ends at a record that is older
     * @param filter which of them to return
     * @param limit at most so many
     * @param mostBytes of plain files that are read
     */
    public record Query(long before, Instant since, Predicate<AuditRecord> filter, int limit, int mostBytes) {}

    /**
     * Reads a page.
     *
     * @throws UncheckedIOException when a file cannot be read
     */
    public Page page(Query query) {
        try {
            return new Reading(query).page();
        } catch (NoSuchFileException rotatedOrCompressedMeanwhile) {
            try {
                return new Reading(query).page();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Reading {

        private final Query query;
        private final List<AuditRecord> found = new ArrayList<>();
        private long reached;
        private long read;
        private boolean isOver;

        private Reading(Query query) {
            this.query = query;
            this.reached = query.before();
        }

        private Page page() throws IOException {
            Archive archive = Archive.of(file);
            List<Path> files = archive.files();
            for (int i = files.size() - 1; i >= 0 && !isOver; i--) {
                Path part = files.get(i);
                if (archive.rotated().contains(part) && Archive.firstSequence(part) >= reached) {
                    continue;
                }
                if (read >= query.mostBytes() || found.size() >= query.limit()) {
                    return new Page(found, OptionalLong.of(reached));
                }
                boolean isWhole = Archive.isCompressed(part) ? compressed(part) : plain(part);
                if (!isWhole) {
                    return new Page(found, isOver ? OptionalLong.empty() : OptionalLong.of(reached));
                }
            }
            return new Page(found, OptionalLong.empty());
        }

        /** Reads a plain file backwards; whether up to its beginning. */
        private boolean plain(Path part) throws IOException {
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ)) {
                Backwards lines = new Backwards(channel, Backwards.endBefore(channel, reached));
                for (Optional<String> line = lines.previous(); line.isPresent(); line = lines.previous()) {
                    AuditRecord.parse(line.get())
                            .filter(record -> record.sequence() < reached)
                            .ifPresent(this::take);
                    if (isOver || found.size() >= query.limit() || isEnough(lines)) {
                        return false;
                    }
                }
                read += lines.read();
                return true;
            }
        }

        /** A page gets at least one record further, or a reader would ask for the same page again. */
        private boolean isEnough(Backwards lines) {
            return reached < query.before() && read + lines.read() > query.mostBytes();
        }

        private void take(AuditRecord record) {
            isOver = record.at().isBefore(query.since());
            if (!isOver) {
                reached = record.sequence();
                if (query.filter().test(record)) {
                    found.add(record);
                }
            }
        }

        /** Reads a compressed file and keeps its last records; whether none of those that match is left. */
        private boolean compressed(Path part) throws IOException {
            int room = query.limit() - found.size();
            Deque<AuditRecord> last = new ArrayDeque<>();
            boolean isWhole = true;
            try (RecordLines lines = Archive.open(part)) {
                for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                    Optional<AuditRecord> record = AuditRecord.parse(line.get())
                            .filter(any -> any.sequence() < reached)
                            .filter(any -> !any.at().isBefore(query.since()))
                            .filter(query.filter());
                    record.ifPresent(last::addLast);
                    if (last.size() > room) {
                        last.removeFirst();
                        isWhole = false;
                    }
                }
            }
            last.descendingIterator().forEachRemaining(found::add);
            reached = isWhole ? Archive.firstSequence(part) : last.getFirst().sequence();
            read = query.mostBytes();
            return isWhole;
        }
    }
}
