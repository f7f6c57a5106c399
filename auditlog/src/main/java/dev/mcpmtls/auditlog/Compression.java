// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces a rotated file by its compressed form. After any interruption, the plain or the whole compressed file exists. */
final class Compression {

    private static final Logger log = LoggerFactory.getLogger(Compression.class);

    private Compression() {}

    static void replace(Path plain, Codec codec) {
        try (FileChannel source =
                FileChannel.open(OwnedFiles.target(plain), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (isOurs(source)) {
                compress(plain, source, codec);
                Files.delete(plain);
            }
        } catch (NoSuchFileException doneByAnother) {
            log.debug("{} was compressed meanwhile", plain);
        } catch (IOException e) {
            log.warn(
                    "cannot compress {}: {}; it stays as it is and is tried again at the next start",
                    plain,
                    Failures.reason(e));
        }
    }

    /** Takes the file's lock, which is released with the channel. */
    private static boolean isOurs(FileChannel source) throws IOException {
        try {
            return source.tryLock() != null;
        } catch (OverlappingFileLockException anotherThreadIsAtIt) {
            return false;
        }
    }

    private static void compress(Path plain, FileChannel source, Codec codec) throws IOException {
        OwnedFiles.replace(codec.nameFor(plain), OwnedFiles.Readers.NONE, sink -> {
            try (OutputStream compressed = codec.compress(new LeftOpen(sink))) {
                Channels.newInputStream(source).transferTo(compressed);
            }
        });
    }

    /** The sink of a file that is not complete when its compression is: it is synced first. */
    private static final class LeftOpen extends FilterOutputStream {

        LeftOpen(FileChannel sink) {
            super(Channels.newOutputStream(sink));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() {}
    }
}
