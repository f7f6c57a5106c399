// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.packages;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a layer of an image, a compressed tar file (OCI image specification, layer.md). All entries have one time and belong to root unless
 * said otherwise, so that the same entries in the same order have the same digest.
 */
final class Layer implements Closeable {

    private static final int BLOCK = 512;

    private final Path file;
    private final Instant time;
    private final DigestOutputStream packed;
    private final DigestOutputStream unpacked;
    private final TarArchiveOutputStream tar;

    /**
     * A written layer.
     *
     * @param digest of the compressed file, {@code sha256:HEX}
     * @param diffId of the tar file in it
     */
    record Written(Path file, String digest, String diffId) {}

    Layer(Path file, Instant time) throws IOException {
        this.file = file;
        this.time = time;
        this.packed = new DigestOutputStream(Files.newOutputStream(file), sha256());
        this.unpacked = new DigestOutputStream(new GZIPOutputStream(packed, 1 << 16), sha256());
        this.tar = new TarArchiveOutputStream(unpacked, BLOCK, StandardCharsets.UTF_8.name());
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    void directory(String name, int mode, int owner) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name + "/", TarConstants.LF_DIR);
        entry.setIds(owner, owner);
        put(entry, mode, 0, InputStream.nullInputStream());
    }

    void file(String name, int mode, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        put(new TarArchiveEntry(name, TarConstants.LF_NORMAL), mode, bytes.length, new ByteArrayInputStream(bytes));
    }

    /** A directory with everything in it; a file that its owner may execute may be executed by all. */
    void tree(Path root, String name) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted().toList();
        }
        for (Path path : paths) {
            String under = path.equals(root) ? name : name + "/" + root.relativize(path);
            if (Files.isSymbolicLink(path)) {
                TarArchiveEntry entry = new TarArchiveEntry(under, TarConstants.LF_SYMLINK);
                entry.setLinkName(Files.readSymbolicLink(path).toString());
                put(entry, 0777, 0, InputStream.nullInputStream());
            } else if (Files.isDirectory(path)) {
                directory(under, 0755, 0);
            } else {
                TarArchiveEntry entry = new TarArchiveEntry(under, TarConstants.LF_NORMAL);
                try (InputStream content = Files.newInputStream(path)) {
                    put(entry, Files.isExecutable(path) ? 0755 : 0644, Files.size(path), content);
                }
            }
        }
    }

    /** The entries of a tar file that are wanted, as they are but for their time. */
    void entries(Path source, Predicate<String> wanted) throws IOException {
        try (TarArchiveInputStream from = new TarArchiveInputStream(Files.newInputStream(source))) {
            for (TarArchiveEntry entry = from.getNextEntry(); entry != null; entry = from.getNextEntry()) {
                String name = entry.getName().replaceFirst("^\\./", "");
                if (!name.isEmpty() && wanted.test(name)) {
                    entry.setName(name);
                    entry.setUserName("");
                    entry.setGroupName("");
                    put(entry, entry.getMode(), entry.getSize(), from);
                }
            }
        }
    }

    private void put(TarArchiveEntry entry, int mode, long size, InputStream content) throws IOException {
        entry.setMode(mode);
        entry.setSize(size);
        entry.setModTime(time.toEpochMilli());
        tar.putArchiveEntry(entry);
        content.transferTo(tar);
        tar.closeArchiveEntry();
    }

    Written finish() throws IOException {
        tar.finish();
        close();
        return new Written(file, text(packed.getMessageDigest()), text(unpacked.getMessageDigest()));
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** The digest of bytes, as images write it. */
    static String digest(byte[] bytes) {
        MessageDigest digest = sha256();
        digest.update(bytes);
        return text(digest);
    }

    private static String text(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
