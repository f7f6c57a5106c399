// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls.reload;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * The visible state of files, which differs when they have changed: where links lead, which files exist, their sizes and times. The files
 * are not read. Directories stand for the files in them.
 */
record FileStamp(List<String> files) {

    private static final int MAX_FILES = 2048;

    static FileStamp of(List<Path> locations) {
        List<String> files = new ArrayList<>();
        for (Path location : locations) {
            files.add(describe(location));
            if (Files.isDirectory(location)) {
                describeChildren(location, files);
            }
        }
        return new FileStamp(files);
    }

    private static void describeChildren(Path directory, List<String> files) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            List<String> described = new ArrayList<>();
            for (Path child : children) {
                if (described.size() < MAX_FILES) {
                    described.add(describe(child));
                }
            }
            described.sort(null);
            files.addAll(described);
        } catch (IOException e) {
            files.add(directory + " cannot be listed");
        }
    }

    private static String describe(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return file.toRealPath() + " " + attributes.fileKey() + " " + attributes.size() + " "
                    + attributes.lastModifiedTime();
        } catch (IOException e) {
            return file + " is missing";
        }
    }
}
