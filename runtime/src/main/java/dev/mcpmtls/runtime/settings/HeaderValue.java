// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.runtime.settings;

import dev.mcpmtls.files.SmallFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The values of headers that requests to other servers carry. They may be secrets, so no message holds one. */
public final class HeaderValue {

    private static final int MAX_BYTES = 16 * 1024;

    private HeaderValue() {}

    /**
     * The first line of a file.
     *
     * @throws BadSettingException when it cannot be read, or no header may have that value
     */
    public static String inFile(String name, Path file) {
        try {
            String all = new String(SmallFiles.read(file, MAX_BYTES), StandardCharsets.UTF_8);
            return checked(name, all.lines().findFirst().orElse(""));
        } catch (IOException e) {
            throw new BadSettingException("cannot set the header " + name + ": cannot read " + file);
        }
    }

    /**
     * The value, if it has the form of RFC 9110, section 5.5, without the obsolete octets.
     *
     * @throws BadSettingException when it has not
     */
    public static String checked(String name, String value) {
        if (!value.matches("[!-~]([\\t -~]*[!-~])?")) {
            throw new BadSettingException(
                    "cannot set the header " + name + ": its value is empty or has characters that no header may have");
        }
        return value;
    }
}
