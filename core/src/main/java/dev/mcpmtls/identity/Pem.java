// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.identity;

import dev.mcpmtls.files.Exposure;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Textual encodings of keys, certificates and CRLs, and the bounded reading of the files that hold them.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7468">RFC 7468</a>
 */
public final class Pem {

    private static final byte[] LINE_END = {'\n'};
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,64})-----");

    private Pem() {}

    /**
     * One block.
     *
     * @param label for example {@code CERTIFICATE}
     * @param body the text between the lines, headers of legacy encryption included
     */
    record Block(String label, String body) {

        /** The decoded contents. */
        byte[] der() {
            return Base64.getMimeDecoder().decode(body);
        }

        /** Whether this is the pre-PKCS#8 encryption of OpenSSL, whose key derivation is one round of MD5. */
        boolean isLegacyEncrypted() {
            return body.contains("Proc-Type:");
        }

        /** The cipher of that encryption, for example {@code DES-EDE3-CBC}. */
        String legacyCipher() {
            Matcher cipher = Pattern.compile("DEK-Info: *([A-Za-z0-9-]{1,32})").matcher(body);
            return cipher.find() ? cipher.group(1) : "an unnamed cipher";
        }

        @Override
        public String toString() {
            return "Block[" + label + "]";
        }
    }

    /**
     * The DER encodings of all blocks with this label, in order; a file that is not PEM is read as one DER encoding.
     *
     * @param label for example {@code CERTIFICATE} or {@code X509 CRL}
     * @throws UnusableCredentialException when a block is not base64
     */
    public static List<byte[]> decode(Path file, byte[] contents, String label) {
        if (contents.length > 0 && contents[0] == Der.SEQUENCE) {
            return List.of(contents);
        }
        try {
            return blocks(contents).stream()
                    .filter(block -> block.label().equals(label))
                    .map(Block::der)
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new UnusableCredentialException(file + " holds a damaged " + label + " block; restore the file", e);
        }
    }

    /** One block with lines of 64 characters. The caller wipes the result of a private key. */
    public static byte[] encode(String label, byte[] der) {
        byte[] body = Base64.getMimeEncoder(64, LINE_END).encode(der);
        try {
            ByteArrayOutputStream block = new ByteArrayOutputStream(body.length + 2 * label.length() + 40);
            block.writeBytes(("-----BEGIN " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
            block.writeBytes(body);
            block.writeBytes(("\n-----END " + label + "-----\n").getBytes(StandardCharsets.US_ASCII));
            return block.toByteArray();
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    static List<Block> blocks(byte[] contents) {
        String text = new String(contents, StandardCharsets.ISO_8859_1);
        Matcher begin = BEGIN.matcher(text);
        List<Block> blocks = new ArrayList<>();
        int at = 0;
        while (begin.find(at)) {
            String last = "-----END " + begin.group(1) + "-----";
            int next = text.indexOf("-----BEGIN ", begin.end());
            String rest = text.substring(begin.end(), next < 0 ? text.length() : next);
            int end = rest.indexOf(last);
            if (end >= 0) {
                blocks.add(new Block(begin.group(1), rest.substring(0, end)));
            }
            at = begin.end();
        }
        return blocks;
    }

    /** As {@link #read}, of a file that trust depends on.
     *
     * @throws UnusableCredentialException also when a user other than the caller and root owns it or can write it, unless it is on a
     *     read-only mount; see {@link Exposure}
     */
    public static byte[] readTrusted(Path file, int maxBytes) {
        Exposure.ofFile(file).filter(exposure -> !exposure.isTolerable()).ifPresent(exposure -> {
            throw new UnusableCredentialException("cannot trust " + exposure);
        });
        return read(file, maxBytes);
    }

    /**
     * Reads a whole file that may not be larger than {@code maxBytes}.
     *
     * @throws UnusableCredentialException when it is missing, unreadable or too large; names the file and the remedy
     */
    public static byte[] read(Path file, int maxBytes) {
        try {
            return SmallFiles.read(file, maxBytes);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** Refuses a name that leads to anything but a regular file; see {@link SmallFiles#requireRegular}. */
    static void requireRegular(Path file) {
        try {
            SmallFiles.requireRegular(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static UnusableCredentialException unreadable(Path file, IOException cause) {
        return cause instanceof NoSuchFileException
                ? new UnusableCredentialException(
                        file + " does not exist"
                                + (file.isAbsolute() ? "" : " in " + Path.of("").toAbsolutePath()),
                        Restoration.ofFile(file),
                        cause)
                : new UnusableCredentialException(
                        file + " cannot be read (" + Failures.reason(cause)
                                + "); correct the path, or make it readable for this process",
                        cause);
    }
}
