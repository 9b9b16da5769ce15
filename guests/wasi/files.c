/* What a program does with files, over the C library; `files.rs` is its kin. Each step that goes wrong is told with its line. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int failures;

#define CHECK(condition)                                                    \
  do {                                                                      \
    if (!(condition)) {                                                     \
      printf("line %d: %s (%s)\n", __LINE__, #condition, strerror(errno));  \
      failures++;                                                           \
    }                                                                       \
  } while (0)
#define FAILS(call, number) CHECK((call) == -1 && errno == (number))

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static int entries;
static int count_entry(const char *path, const struct stat *stat, int type, struct FTW *walk) {
  (void)path, (void)stat, (void)type, (void)walk;
  return entries++, 0;
}

static void directories(void) {
  CHECK(mkdir("/work/d", 0777) == 0 && mkdir("/work/d/e", 0777) == 0);
  FAILS(mkdir("/work/d", 0777), EEXIST);
  FAILS(rmdir("/work/d"), ENOTEMPTY);
  FAILS(unlink("/work/d"), EISDIR);
  write_file("/work/d/one", "first\n");
  write_file("/work/d/e/two", "second\n");
  CHECK(nftw("/work/d", count_entry, 8, FTW_PHYS) == 0 && entries == 4);
  glob_t found;
  CHECK(glob("/work/d/*", 0, NULL, &found) == 0 && found.gl_pathc == 2 && !strcmp(found.gl_pathv[1], "/work/d/one"));
  globfree(&found);

  // A position stays good while entries come and go.
  for (int index = 0; index < 300; index++) {
    char path[64];
    snprintf(path, sizeof path, "/work/d/e/many-%03d", index);
    write_file(path, "");
  }
  DIR *directory = opendir("/work/d/e");
  int seen = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strncmp(entry->d_name, "many-", 5) != 0) continue;
    CHECK(entry->d_type == DT_REG && unlinkat(dirfd(directory), entry->d_name, 0) == 0);
    seen++;
  }
  CHECK(seen == 300 && closedir(directory) == 0);
}

static void links(void) {
  CHECK(symlink("d/one", "/work/link") == 0);
  char target[16] = {0};
  CHECK(readlink("/work/link", target, sizeof target) == 5 && !strcmp(target, "d/one"));
  struct stat through, itself;
  CHECK(stat("/work/link", &through) == 0 && S_ISREG(through.st_mode) && through.st_size == 6);
  CHECK(lstat("/work/link", &itself) == 0 && S_ISLNK(itself.st_mode) && itself.st_ino != through.st_ino);
  FAILS(open("/work/link", O_RDONLY | O_NOFOLLOW), ELOOP);
  CHECK(link("/work/d/one", "/work/twin") == 0 && stat("/work/twin", &itself) == 0);
  CHECK(itself.st_ino == through.st_ino && itself.st_nlink == 2);
  CHECK(symlink("loop", "/work/loop") == 0);
  FAILS(open("/work/loop", O_RDONLY), ELOOP);
  CHECK(symlink("../../etc/passwd", "/work/out") == 0);
  CHECK(open("/work/out", O_RDONLY) == -1);
}

static void bytes(void) {
  int file = open("/work/bytes", O_RDWR | O_CREAT | O_EXCL, 0666);
  CHECK(file >= 0);
  struct iovec parts[] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
  CHECK(writev(file, parts, 3) == 8 && lseek(file, 0, SEEK_CUR) == 8);
  CHECK(pwrite(file, "XY", 2, 20) == 2 && lseek(file, 0, SEEK_END) == 22);
  char back[23] = {0};
  CHECK(pread(file, back, 22, 0) == 22 && !memcmp(back, "abcdefgh\0\0\0\0\0\0\0\0\0\0\0\0XY", 22));
  CHECK(ftruncate(file, 4) == 0 && lseek(file, -1, SEEK_END) == 3 && read(file, back, 8) == 1 && back[0] == 'd');
  CHECK(posix_fallocate(file, 0, 100) == 0 && fsync(file) == 0 && fdatasync(file) == 0);
  struct stat now;
  struct timespec times[] = {{1, 500}, {2, 700}};
  CHECK(futimens(file, times) == 0 && fstat(file, &now) == 0 && now.st_size == 100);
  CHECK(now.st_atim.tv_nsec == 500 && now.st_mtim.tv_sec == 2);
  CHECK(close(file) == 0);
  FAILS(read(file, back, 1), EBADF);
  FAILS(open("/work/bytes", O_RDWR | O_CREAT | O_EXCL, 0666), EEXIST);

  int end = open("/work/bytes", O_WRONLY | O_APPEND);
  CHECK(write(end, "tail", 4) == 4 && lseek(end, 0, SEEK_CUR) == 104 && close(end) == 0);
  // What has no name any more is still there for those who hold it.
  int held = open("/work/bytes", O_RDONLY);
  CHECK(unlink("/work/bytes") == 0 && access("/work/bytes", F_OK) == -1 && fstat(held, &now) == 0 && now.st_size == 104);
  CHECK(close(held) == 0);
}

static void names(void) {
  CHECK(rename("/work/d", "/work/moved") == 0 && access("/work/moved/e/two", R_OK) == 0);
  FAILS(rename("/work/moved", "/work/moved/e/below"), EINVAL);
  FAILS(rename("/work/none", "/work/x"), ENOENT);
  FAILS(open("/work/moved/one/", O_RDONLY), ENOTDIR);
  FAILS(open("/work/moved", O_WRONLY), EISDIR);
  CHECK(open("/../etc/passwd", O_RDONLY) == -1 && open("/work/../../etc/passwd", O_RDONLY) == -1);
}

static void time_and_input(void) {
  struct timespec before, after;
  clock_gettime(CLOCK_MONOTONIC, &before);
  CHECK(usleep(50000) == 0 && clock_gettime(CLOCK_MONOTONIC, &after) == 0);
  CHECK((after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec >= 50000000LL);
  struct pollfd input = {.fd = 0, .events = POLLIN};
  CHECK(poll(&input, 1, 1000) == 1 && (input.revents & POLLIN));
  char line[32];
  int lines = 0;
  while (fgets(line, sizeof line, stdin) != NULL) lines++;
  CHECK(lines == 3);
}

int main(int count, char **arguments) {
  CHECK(count == 3 && !strcmp(arguments[2], "two words") && !strcmp(getenv("NAME"), "value"));
  directories();
  links();
  bytes();
  names();
  time_and_input();
  printf("%d failures\n", failures);
  return failures;
}
