create trigger profiles_stamp before update on lensers.profiles
for each row execute function ratebook.stamp();
