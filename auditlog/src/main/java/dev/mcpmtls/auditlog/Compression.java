// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.auditlog;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.OwnedFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Replaces a rotated file by its compressed form. After any interruption, the plain or the whole compressed file exists. */
final class Compression {

    private static final Logger log = LoggerFactory.getLogger(Compression.class);

    private Compression() {}

    static void replace(Path plain) {
        try (FileChannel source =
                FileChannel.open(OwnedFiles.target(plain), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (isOurs(source)) {
                compress(plain, source);
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

    /** Records repeat each other so much that compressing them well would cost the service more than it saves on disk. */
    private static final class Fast extends GZIPOutputStream {

        Fast(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    private static void compress(Path plain, FileChannel source) throws IOException {
        Path target = plain.resolveSibling(plain.getFileName() + ".gz");
        OwnedFiles.replace(target, OwnedFiles.Readers.NONE, sink -> {
            GZIPOutputStream gzip = new Fast(Channels.newOutputStream(sink));
            Channels.newInputStream(source).transferTo(gzip);
            gzip.finish();
        });
    }
}
