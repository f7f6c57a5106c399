// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.identity.UnusableCredentialException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** A file whose first line is a passphrase. */
public final class PassphraseFile {

    private static final int MAX_BYTES = 64 * 1024;

    private PassphraseFile() {}

    /** The passphrase, which the caller wipes. */
    public static char[] firstLine(Path file) {
        try {
            byte[] bytes = SmallFiles.read(file, MAX_BYTES);
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            Arrays.fill(bytes, (byte) 0);
            int end = 0;
            while (end < text.length() && text.charAt(end) != '\n' && text.charAt(end) != '\r') {
                end++;
            }
            char[] line = new char[end];
            text.get(line);
            Arrays.fill(text.array(), '\0');
            return line;
        } catch (CharacterCodingException e) {
            throw new UnusableCredentialException("the passphrase in " + file + " is not UTF-8 text", e);
        } catch (NoSuchFileException e) {
            throw new UnusableCredentialException("there is no passphrase file " + file + "; correct the path", e);
        } catch (IOException e) {
            throw new UnusableCredentialException(
                    "cannot read the passphrase file " + file + ": " + Failures.reason(e), e);
        }
    }
}
