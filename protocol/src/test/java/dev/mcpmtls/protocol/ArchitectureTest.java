// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The protocol knows JSON and files of our own, nothing else: no transport, no SDK. */
@AnalyzeClasses(packages = "dev.mcpmtls.protocol", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule THE_PROTOCOL_KNOWS_NO_TRANSPORT = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "tools.jackson..",
                    "com.fasterxml.jackson.annotation..",
                    "dev.mcpmtls.files..",
                    "dev.mcpmtls.identity..",
                    "dev.mcpmtls.protocol..");
}
